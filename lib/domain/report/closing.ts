/** The end of a report: what was declined, and how a reader can check all of it without trusting the page. */
import { REFUSALS } from '../execute/pretrade.ts'
import type { Material } from './figures.ts'
import type { Gathered, RefusalCount } from './gather.ts'
import { html, type Markup } from './markup.ts'
import type { Trip } from './trips.ts'
import { count, counted, shortId, subjectName } from './wording.ts'

const SUBJECTS_SHOWN = 4
const COLUMNS = ['Code', 'Times', 'Meaning', 'Most often', 'First']

export function refusalsSection({ refusals }: Gathered): Markup {
  const sorted = [...refusals].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
  const body = sorted.length === 0
    ? html`<p class="absent">Nothing was declined.</p>`
    : html`
      <p class="note">Allocations that the executor did not turn into an order, by the limit that stopped them.</p>
      <table class="refusals">
        <thead><tr>${COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${sorted.map(([code, refusal]) => refusalRow(code, refusal))}</tbody>
      </table>`
  return html`<section id="refusals"><h2>What was declined</h2>${body}</section>`
}

function refusalRow(code: string, { count: times, firstId, bySubject }: RefusalCount): Markup {
  return html`<tr>
    <th scope="row"><code>${code}</code></th>
    <td class="num">${count(times)}</td>
    <td>${meaningOf(code)}</td>
    <td>${oftenest(bySubject)}</td>
    <td><code class="id">${shortId(firstId)}</code></td>
  </tr>`
}

const meaningOf = (code: string): string =>
  Object.entries(REFUSALS).find(([name]) => name === code)?.[1] ?? 'not one of the executor\u2019s codes'

function oftenest(bySubject: ReadonlyMap<string, number>): string {
  const sorted = [...bySubject].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const rest = sorted.length - SUBJECTS_SHOWN
  const names = sorted.slice(0, SUBJECTS_SHOWN).map(([subject, times]) => {
    const name = subjectName(subject)
    return times > 1 ? `${name} \u00d7 ${count(times)}` : name
  })
  return rest > 0 ? `${names.join(', ')} and ${count(rest)} more` : names.join(', ')
}

/** In the order of the loop; other kinds follow. */
const KINDS = ['signal', 'belief', 'conviction', 'allocation', 'order', 'refusal', 'fill', 'pnl']

export function verifySection({ audit, gathered }: Material, trips: readonly Trip[]): Markup {
  const { countByKind, unreadable } = gathered
  const known = KINDS.filter((kind) => countByKind.has(kind))
  const kinds = [...known, ...[...countByKind.keys()].filter((kind) => !KINDS.includes(kind)).sort()]
  return html`
    <section id="verify"><h2>Check it yourself</h2>
    ${rootOf(audit)}
    <pre><code>${commandsFor(trips[0]?.first.id)}</code></pre>
    <ul class="kinds">${kinds.map((kind) => html`<li><b>${count(countByKind.get(kind))}</b> ${kind}</li>`)}</ul>
    ${unreadable > 0 && html`<p class="warning">${unreadableText(unreadable)}</p>`}
    </section>`
}

const unreadableText = (lines: number): string =>
  `${counted(lines, 'line')} of the log could not be read as a record; nothing of ${lines === 1 ? 'it' : 'them'} is on this page.`

function rootOf(audit: Material['audit']): Markup {
  if (audit === undefined) {
    return html`<p class="absent">There is no audit checkpoint beside this record: nothing proves that it was not changed.</p>`
  }
  const text = `, ${counted(audit.size, 'line')}, under one Merkle root. Change or cut a byte and the root no longer comes out.`
  return html`
    <p>Every record behind this page stands in <code>logs/audit.jsonl</code>${text}</p>
    <p class="root"><span>root</span><code class="id">${audit.rootHex}</code></p>`
}

function commandsFor(fillId: string | undefined): string {
  return [
    'vanta-audit verify',
    ...(fillId === undefined ? [] : [`vanta-audit lineage ${shortId(fillId)} --format tree`]),
    'jq . $VANTA_HOME/memory/pnl_summary.json',
    'grep \'"kind":"refusal"\' $VANTA_HOME/logs/audit.jsonl | jq -r .code | sort | uniq -c',
  ].join('\n')
}

export const closingNote = html`
  <footer>
    <p>Nothing here is advice. Figures are those of the record, as it stands; what it does not tell is said to be not known.</p>
  </footer>`

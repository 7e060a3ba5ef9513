/** The end of a report: what was declined, and how a reader can check all of it without trusting the page. */
import { REFUSALS } from '../pretrade.ts'
import type { Material } from './figures.ts'
import type { Gathered } from './gather.ts'
import { html, type Markup } from './markup.ts'
import type { Trip } from './trips.ts'
import { count, counted, shortId, subjectName } from './wording.ts'

const SUBJECTS_SHOWN = 4

export function refusalsSection({ refusals }: Gathered): Markup {
  const sorted = [...refusals].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
  const body = sorted.length === 0
    ? html`<p class="absent">Nothing was declined.</p>`
    : html`<p class="note">Allocations that the executor did not turn into an order, by the limit that stopped them.</p>
<table class="refusals"><thead><tr><th scope="col">Code</th><th scope="col">Times</th><th scope="col">Meaning</th><th scope="col">Most often</th><th scope="col">First</th></tr></thead><tbody>
${sorted.map(([code, { count: times, firstId, bySubject }]) => html`<tr><th scope="row"><code>${code}</code></th><td class="num">${count(times)}</td><td>${meaningOf(code)}</td><td>${oftenest(bySubject)}</td><td><code class="id">${shortId(firstId)}</code></td></tr>`)}
</tbody></table>`
  return html`<section id="refusals"><h2>What was declined</h2>${body}</section>`
}

const meaningOf = (code: string): string => Object.entries(REFUSALS).find(([name]) => name === code)?.[1] ?? 'not one of the executor\u2019s codes'

function oftenest(bySubject: ReadonlyMap<string, number>): string {
  const sorted = [...bySubject].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const rest = sorted.length - SUBJECTS_SHOWN
  const names = sorted.slice(0, SUBJECTS_SHOWN).map(([subject, times]) => (times > 1 ? `${subjectName(subject)} \u00d7 ${count(times)}` : subjectName(subject)))
  return rest > 0 ? `${names.join(', ')} and ${count(rest)} more` : names.join(', ')
}

const KINDS = ['signal', 'belief', 'conviction', 'allocation', 'order', 'refusal', 'fill', 'pnl', 'bar', 'price', 'outcome', 'control', 'summary', 'vault']

export function verifySection({ audit, gathered }: Material, trips: readonly Trip[]): Markup {
  const { countByKind, unreadable } = gathered
  const known = KINDS.filter((kind) => countByKind.has(kind))
  const kinds = [...known, ...[...countByKind.keys()].filter((kind) => !KINDS.includes(kind)).sort()]
  const fill = trips[0]?.fills[0]?.id
  return html`<section id="verify"><h2>Check it yourself</h2>
${audit === undefined
    ? html`<p class="absent">There is no audit checkpoint beside this record: nothing proves that it was not changed.</p>`
    : html`<p>Every record behind this page stands in <code>logs/audit.jsonl</code>, ${counted(audit.size, 'line')}, under one Merkle root. Change or cut a byte and the root no longer comes out.</p>
<p class="root"><span>root</span><code class="id">${audit.rootHex}</code></p>`}
<pre><code>vanta-audit verify${fill !== undefined && `\nvanta-audit lineage ${shortId(fill)} --tree`}
jq . $VANTA_HOME/memory/pnl_summary.json
grep '"kind":"refusal"' $VANTA_HOME/logs/audit.jsonl | jq -r .code | sort | uniq -c</code></pre>
${kinds.length > 0 && html`<ul class="kinds">${kinds.map((kind) => html`<li><b>${count(countByKind.get(kind) ?? 0)}</b> ${kind}</li>`)}</ul>`}
${unreadable > 0 && html`<p class="warning">${counted(unreadable, 'line')} of the log could not be read as a record; nothing of them is on this page.</p>`}</section>`
}

export const closingNote = html`<footer><p>Nothing here is advice. Figures are those of the record, as it stands; what it does not tell is said to be not known.</p></footer>`

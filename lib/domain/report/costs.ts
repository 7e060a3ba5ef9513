/** What would be left at other costs and in other weather, what was taken for granted, and whether anything looked ahead. */
import { BarScale } from './bars.ts'
import { fieldsIn, fixedIn, listIn, numberIn, textIn, type Fields, type Material } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { change, count, counted, money } from './wording.ts'

export function costsSection({ summary }: Material, currency: string): Markup {
  const blocks = [atCosts(summary, currency), regimes(summary), leaks(summary)].filter((block) => block !== undefined)
  const body = blocks.length === 0 ? html`<p class="absent">No back-test has left its summary here.</p>` : html`<div class="tests">${blocks}</div>`
  return html`<section id="costs"><h2>At other costs, in other weather, looking ahead</h2>${body}${assumptions(summary)}</section>`
}

const rowsIn = (value: Fields[string]): Fields[] => listIn(value).map((entry) => fieldsIn(entry) ?? {})

function atCosts(summary: Fields, currency: string): Markup | undefined {
  const rows = rowsIn(summary.at_costs)
  if (rows.length === 0) return undefined
  const scale = new BarScale(rows.map((row) => numberIn(row.return) ?? 0))
  return html`<table class="amounts"><caption>The same decisions at so many times the costs</caption><tbody>${rows.map((row) => {
    const fees = fixedIn(row.fees)
    return html`<tr title="${counted(numberIn(row.fills) ?? 0, 'fill')}${fees === undefined ? '' : `, fees ${money(fees, currency)}`}">
      <th scope="row">${textIn(row.multiple) ?? ''}\u00d7</th>${scale.cell(numberIn(row.return) ?? 0)}<td class="num">${change(numberIn(row.return))}</td></tr>`
  })}</tbody></table>`
}

const LEVELS: Readonly<Record<string, string>> = {
  'volatility low': 'Calm', 'volatility middle': 'Neither calm nor rough', 'volatility high': 'Rough',
  'direction low': 'Falling', 'direction middle': 'Neither', 'direction high': 'Rising',
}

function regimes(summary: Fields): Markup | undefined {
  const rows = rowsIn(summary.regimes)
  if (rows.length === 0) return undefined
  const scale = new BarScale(rows.flatMap((row) => [numberIn(row.return) ?? 0]))
  return html`<table class="amounts"><caption>Days by the market as it was known the evening before</caption><tbody>${rows.map((row) => {
    const name = `${textIn(row.by) ?? ''} ${textIn(row.level) ?? ''}`
    return html`<tr title="the benchmark ${change(numberIn(row.benchmark_return))}">
      <th scope="row">${LEVELS[name] ?? name}, ${counted(numberIn(row.days) ?? 0, 'day')}</th>${scale.cell(numberIn(row.return) ?? 0)}
      <td class="num">${change(numberIn(row.return))}</td></tr>`
  })}</tbody></table>`
}

function leaks(summary: Fields): Markup | undefined {
  const found = fieldsIn(summary.leakcheck)
  if (found === undefined) {
    return textIn(summary.id) === undefined ? undefined
      : html`<div><h3>Looking ahead</h3><p class="absent">Not checked in this run: vanta-backtest --leakcheck 50 does.</p></div>`
  }
  const changed = numberIn(found.leaks) ?? 0, caught = found.planted_caught === true
  const first = textIn(found.first_leak)
  const cuts = counted(numberIn(found.cuts) ?? 0, 'random moment'), decisions = counted(numberIn(found.decisions) ?? 0, 'decision')
  const named = first === undefined ? '' : ` The first: ${first}.`
  const leaked = `${counted(changed, 'decision')} changed with what came after. Nothing here can be believed.${named}`
  const told = changed > 0 ? html`<p class="warning">${leaked}</p>`
    : html`<p>${`The record was cut at ${cuts}: of ${decisions} none changed by a byte.`}</p>`
  const planted = caught ? html`<p>A stage that looks a week ahead was planted, and caught at cut ${count(numberIn(found.planted_at_cut))}.</p>`
    : html`<p class="warning">A stage that looks a week ahead was planted and not caught: the check is worth nothing here.</p>`
  return html`<div><h3>Looking ahead</h3>${told}${planted}</div>`
}

function assumptions(summary: Fields): Markup | undefined {
  const rows = rowsIn(summary.assumptions)
  if (rows.length === 0) return undefined
  return html`<details class="assumed"><summary>What trading is taken to cost, and why</summary><table class="terms"><tbody>${rows.map((row) =>
    html`<tr><th scope="row">${spaced(textIn(row.name) ?? '')}</th><td class="num">${textIn(row.value) ?? ''}</td><td>${textIn(row.why) ?? ''}</td></tr>`)}
    </tbody></table></details>`
}

/** `feePerShare`: fee per share. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)


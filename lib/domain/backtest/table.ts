/** A summary as a table that a person can read. */
import type { Summary } from '#record'

const percent = (value: number | null, digits = 2): string => (value === null ? 'not known' : `${value < 0 ? '' : '+'}${(value * 100).toFixed(digits)} %`)
const share = (value: number | null): string => (value === null ? 'not known' : `${(value * 100).toFixed(1)} %`)
const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
const money = (text: string, currency: string): string => `${text.replace(/\B(?=(\d{3})+(?:\.|$))/g, ' ')} ${currency}`
const NAME_WIDTH = 24
const TEXT_WIDTH = 100

/** `home` is where memory, logs and the report are. */
export function summaryTable(summary: Summary, home: string): string[] {
  const rows: readonly (readonly [string, string] | undefined)[] = [
    ['span', `${summary.from.slice(0, 10)} to ${summary.to.slice(0, 10)}`],
    ['events replayed', `${count(summary.events)} in ${summary.elapsed_s.toFixed(1)} s (${count(summary.events_per_s)} a second)`],
    ['convictions', count(summary.convictions)],
    ['orders, fills', `${count(summary.orders)}, ${count(summary.fills)}${summary.refusals > 0 ? ` (${count(summary.refusals)} refused)` : ''}`],
    undefined,
    ['equity', `${money(summary.equity_start, summary.currency)}  ->  ${money(summary.equity_end, summary.currency)}`],
    ['return', `${percent(summary.return)}   (${summary.benchmark} with dividends: ${percent(summary.benchmark_return)})`],
    ['  without the best', `${percent(summary.return_without_best)}${bestText(summary)}`],
    ['a closed trade', `median ${percent(summary.median_trade_return)}, mean ${percent(summary.mean_trade_return)}   (n = ${summary.trades})`],
    ['largest drawdown', share(summary.max_drawdown)],
    ['Sharpe', sharpeText(summary)],
    ['fees, dividends', `${money(summary.fees, summary.currency)}, ${money(summary.dividends ?? '0.00', summary.currency)}`],
    ...(summary.at_costs ?? []).map(({ multiple, return: gain, fees }) =>
      [`  at ${multiple} x the costs`, `${percent(gain)}   (fees ${money(fees, summary.currency)})`] as const),
    ...(summary.regimes ?? []).map(({ by, level, days, return: gain, benchmark_return: other }) =>
      [`  ${by} ${level}`, `${percent(gain)}   (${summary.benchmark}: ${percent(other)}; n = ${days} days)`] as const),
    ...leakRows(summary),
    ['Precision@5', precisionText(summary)],
    undefined,
    ['audit root', summary.audit_root === null ? 'none' : `${summary.audit_root}   (${count(summary.audit_size)} lines)`],
    ['report', `${home}/report.html`],
    ['memory, logs', `${home}/memory, ${home}/logs`],
  ]
  const lines = rows.map((row) => (row === undefined ? '' : `${row[0].padEnd(NAME_WIDTH)}${row[1]}`))
  const assumed = (summary.assumptions ?? []).map(({ name, value }) => `${name} ${value}`).join(', ')
  const taken = assumed === '' ? [] : folded(`- Taken for granted (summary.assumptions says why): ${assumed}.`)
  return [...lines, '', ...summary.notes.flatMap((note) => folded(`- ${note}`)), ...taken]
}

function leakRows({ leakcheck }: Summary): (readonly [string, string])[] {
  if (leakcheck === undefined) return []
  const { cuts, decisions, leaks, first_leak: first, planted_caught: caught, planted_at_cut: at } = leakcheck
  const found = leaks === 0 ? 'none changed' : `${leaks} CHANGED, the first: ${first ?? 'unknown'}`
  const peeking = caught ? `the planted stage was caught at cut ${at ?? '?'}` : 'THE PLANTED STAGE WAS NOT CAUGHT'
  return [['leak check', `${count(decisions)} decisions at ${cuts} cuts: ${found}; ${peeking}`]]
}

function bestText({ best_subject: best }: Summary): string {
  return best === null ? '' : `   (without ${best.replace(/^ticker:/, '')})`
}

function sharpeText({ sharpe, sharpe_standard_error: error, sharpe_n: n }: Summary): string {
  return sharpe === null || error === null ? 'not known' : `${sharpe.toFixed(2)} +- ${error.toFixed(2)}   (standard error; n = ${n} days)`
}

function precisionText(summary: Summary): string {
  if (summary.precision_at_5 === null) return 'not known: no ranked conviction could be judged'
  const interval = `95 %: ${share(summary.precision_at_5_low)} to ${share(summary.precision_at_5_high)}`
  const blindly = `picking blindly: ${share(summary.precision_at_5_base_rate)}`
  return `${share(summary.precision_at_5)} right over ${summary.precision_horizon} (${interval}; ${blindly}; n = ${summary.precision_at_5_n})`
}

function folded(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(line)
      line = ' '
    }
    line += `${line === '' ? '' : ' '}${word}`
  }
  return [...lines, line]
}

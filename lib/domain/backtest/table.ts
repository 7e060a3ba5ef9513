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
    ['return', `${percent(summary.return)}   (${intervalText(summary, 'return', percent)}${benchmarkText(summary)})`],
    ['  without the best', `${percent(summary.return_without_best)}${bestText(summary)}`],
    ['a closed trade', tradeText(summary)],
    ['largest drawdown', `${share(summary.max_drawdown)}${withInterval(summary, 'max_drawdown', share)}`],
    ['Sharpe', sharpeText(summary)],
    ['  of one day', significanceText(summary)],
    ['  trials', trialsText(summary)],
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

const benchmarkText = ({ benchmark, benchmark_return: made }: Summary): string => `${benchmark} with dividends: ${percent(made)}`

function tradeText(summary: Summary): string {
  const { median_trade_return: median, mean_trade_return: mean, trades } = summary
  return `median ${percent(median)}, mean ${percent(mean)}   (${intervalText(summary, 'mean_trade_return', percent)}n = ${trades})`
}

/** `95 %: 1 to 2; `, or nothing where there is no interval. */
function intervalText({ intervals = [] }: Summary, name: string, text: (value: number) => string): string {
  const found = intervals.find(({ figure }) => figure === name)
  return found === undefined ? '' : `${Math.round(found.level * 100)} %: ${text(found.low)} to ${text(found.high)}; `
}

function withInterval(summary: Summary, name: string, text: (value: number) => string): string {
  const interval = intervalText(summary, name, text).replace(/; $/, '')
  return interval === '' ? '' : `   (${interval})`
}

function significanceText({ significance }: Summary): string {
  if (significance === undefined) return 'not known: too few days, or they do not vary'
  const { sharpe_per_day: ratio, skewness, kurtosis, probabilistic_sharpe: above, minimum_track_record: days } = significance
  const record = days === null ? '' : `; 95 % sure after ${count(Math.ceil(days))} days of the same`
  return `${ratio.toFixed(3)}, skewness ${skewness.toFixed(1)}, kurtosis ${kurtosis.toFixed(1)}: above zero with probability ${share(above)}${record}`
}

function trialsText({ trials }: Summary): string {
  if (trials === undefined) return 'not known: there is no registry of runs'
  const { trials: n, deflated_sharpe: above, expected_largest: luck } = trials
  if (n === 1) return '1 on these prices: nothing was chosen'
  const best = above === null ? '' : `; above the ${luck.toFixed(3)} that luck shows in so many with probability ${share(above)}`
  return `${count(n)} on these prices${best}`
}

function bestText({ best_subject: best }: Summary): string {
  return best === null ? '' : `   (without ${best.replace(/^ticker:/, '')})`
}

function sharpeText(summary: Summary): string {
  const { sharpe, sharpe_standard_error: error, sharpe_n: n } = summary
  if (sharpe === null || error === null) return 'not known'
  return `${sharpe.toFixed(2)} +- ${error.toFixed(2)}   (standard error; ${intervalText(summary, 'sharpe', (value) => value.toFixed(2))}n = ${n} days)`
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

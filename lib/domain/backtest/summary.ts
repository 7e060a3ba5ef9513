/** The summary of a back-test: results as they are, each beside what it must be read with. */
import { millisOf, type Json, type Millis, type Summary } from '#record'
import { sharpeError } from '../pnl/performance.ts'
import { formatCents } from '../money/money.ts'
import type { Draw } from '../statistics/bootstrap.ts'
import { calibrationOf } from './calibration.ts'
import { intervalsOf, significanceOf, type Intervals } from './certainty.ts'
import { dailyReturnsOf } from './daily.ts'
import { precisionAt } from './precision.ts'
import { regimesOf, type DayValue } from './regimes.ts'
import { rounded } from './rounded.ts'
import type { Tally } from './tally.ts'

export interface RunFacts {
  readonly from: string
  readonly to: string
  readonly cash: string
  /** `memory/pnl_summary.json` of the run. */
  readonly pnl: { readonly [field: string]: Json | undefined }
  /** All days of the benchmark there are, up to the end of the span; and those of the span, the last one before it in front. */
  readonly history: readonly DayValue[]
  readonly benchmark: readonly DayValue[]
  readonly assumptions: Summary['assumptions'] & {}
  /** Where they were asked for. */
  readonly atCosts?: Summary['at_costs']
  readonly leakcheck?: Summary['leakcheck']
  readonly audit: { readonly size: number; readonly rootHex: string } | undefined
  /** A stream of chance for each figure's interval. */
  readonly drawFor: (figure: string) => Draw
  readonly elapsedMs: Millis
}

type Fields = Omit<Summary, 'kind' | 'id' | 'parents' | 'at' | 'known_at' | 'source' | 'by'>

/** Convictions are judged over five sessions, whatever horizon they state: one yardstick for all. */
const HORIZON_SESSIONS = 5
const TOP = 5
const FEW = 30

export function summaryFields(tally: Tally, facts: RunFacts): Fields {
  const { pnl } = facts
  const precision = precisionAt(TOP, HORIZON_SESSIONS, tally.rankings, tally.sessions, tally.calendar().filter((openMs) => openMs <= millisOf(facts.to)))
  const unpriced = tally.readingsWithoutPrices
  const bars = tally.heard.get('bar') ?? 0
  const made = (kind: string): number => tally.made.get(kind) ?? 0
  const returns = dailyReturnsOf(pnl), trades = numbersIn(pnl, 'trade_returns')
  const intervals = intervalsOf({ returns, trades, judged: precision.judged, horizon: HORIZON_SESSIONS }, facts.drawFor)
  const [low, high] = widest(precision.interval, intervals)
  const significance = significanceOf(returns)
  const sharpe = numberIn(pnl, 'sharpe'), sharpeN = numberIn(pnl, 'sharpe_n') ?? 0
  const fields: Omit<Fields, 'notes'> = {
    from: facts.from, to: facts.to,
    events: tally.events, convictions: made('conviction'), orders: made('order'), fills: made('fill'), refusals: made('refusal'),
    trades: numberIn(pnl, 'trades') ?? 0,
    currency: textIn(pnl, 'currency') ?? 'USD',
    equity_start: textIn(pnl, 'equity_start') ?? facts.cash,
    equity_end: textIn(pnl, 'equity_end') ?? facts.cash,
    fees: textIn(pnl, 'fees') ?? '0',
    return: numberIn(pnl, 'return') ?? 0,
    max_drawdown: numberIn(pnl, 'max_drawdown') ?? 0,
    sharpe, sharpe_n: sharpeN, sharpe_standard_error: sharpe === null || sharpeN === 0 ? null : rounded(sharpeError(sharpe, sharpeN)),
    precision_at_5: orNull(precision.precision), precision_at_5_base_rate: orNull(precision.baseRate), precision_at_5_n: precision.judged.length,
    precision_at_5_low: orNull(low), precision_at_5_high: orNull(high), precision_horizon: `${HORIZON_SESSIONS}d`,
    ...benchmarkFields(facts.benchmark),
    best_subject: textIn(pnl, 'best_subject') ?? null,
    return_without_best: numberIn(pnl, 'return_without_best'),
    mean_trade_return: numberIn(pnl, 'mean_trade_return'), median_trade_return: numberIn(pnl, 'median_trade_return'),
    signals_without_bars: unpriced.readings, subjects_without_bars: unpriced.subjects,
    audit_root: facts.audit?.rootHex ?? null, audit_size: facts.audit?.size ?? 0,
    assumptions: facts.assumptions,
    dividends: formatCents(tally.dividends),
    prices: [...tally.sources].map(([file, { basis, subjects, dividends }]) => ({ file, basis, subjects, dividends })),
    ...(facts.atCosts !== undefined && { at_costs: facts.atCosts }),
    intervals,
    ...(significance !== undefined && { significance }),
    calibration: calibrationOf(tally.stated, tally.sessions),
    regimes: [...regimesOf(tally.equityByDay(), facts.history)],
    ...(facts.leakcheck !== undefined && { leakcheck: facts.leakcheck }),
    bars,
    bars_per_s: facts.elapsedMs > 0 ? Math.round((bars / facts.elapsedMs) * 1000) : 0,
    events_per_s: facts.elapsedMs > 0 ? Math.round((tally.events / facts.elapsedMs) * 1000) : 0,
    elapsed_s: Math.round(facts.elapsedMs) / 1000,
  }
  return { ...fields, notes: notesOn(fields, unpriced.share) }
}

/** What a reader must know before believing any of it. */
function notesOn(fields: Omit<Fields, 'notes'>, unpricedShare: number): string[] {
  const notes = [
    'Survivorship: the price files mostly hold companies still listed years later, so results are flattered; ' +
      'what was delisted is largely missing.',
  ]
  if (fields.signals_without_bars > 0) {
    const { signals_without_bars: readings, subjects_without_bars: subjects } = fields
    const share = (unpricedShare * 100).toFixed(1)
    notes.push(`${readings} readings (${share} %) of ${subjects} subjects had no prices here: neither traded nor judged.`)
  }
  if (fields.trades < FEW) notes.push(`Only ${fields.trades} closed trades: far too few to tell skill from luck.`)
  if (fields.precision_at_5_n > 0) {
    notes.push('Precision@5: picks of neighbouring days overlap; the 95 % interval is the wider one of Wilson\u2019s and a bootstrap of whole sessions.')
  }
  if (fields.benchmark_return === null) notes.push('No benchmark: the data folder has no file of it.')
  const without = (fields.prices ?? []).filter(({ dividends, subjects }) => dividends === 'none' && subjects > 0).map(({ file }) => file)
  if (without.length > 0) notes.push(`No dividends are known of ${without.join(', ')}; those of the benchmark are counted.`)
  notes.push(
    'Costs are assumed, and stated with their reasons under assumptions; nothing is sold short, because no record says what could be borrowed. ' +
      'The strength of each source is a prior stated in advance, not fitted.',
  )
  if ((fields.leakcheck?.leaks ?? 0) > 0) notes.unshift('LEAK: decisions changed with what came after them. Nothing here can be believed.')
  return notes
}

function benchmarkFields(days: RunFacts['benchmark']): Pick<Fields, 'benchmark' | 'benchmark_return' | 'benchmark_curve'> {
  const first = days[0], last = days.at(-1)
  if (first === undefined || last === undefined || days.length < 2) return { benchmark: 'SPY', benchmark_return: null, benchmark_curve: [] }
  const value = (close: number): number => rounded(close / first.value)
  return {
    benchmark: 'SPY',
    benchmark_return: rounded(last.value / first.value - 1),
    benchmark_curve: days.map(({ day, value: close }) => ({ day, value: value(close) })),
  }
}

/** Either may be too narrow: Wilson's takes overlapping picks for independent, and few sessions cannot show what they have not seen. */
function widest(wilson: readonly [number, number] | undefined, intervals: Intervals): readonly [low: number | undefined, high: number | undefined] {
  const drawn = intervals.find(({ figure }) => figure === 'precision_at_5')
  if (wilson === undefined || drawn === undefined) return wilson ?? [undefined, undefined]
  return [Math.min(wilson[0], drawn.low), Math.max(wilson[1], drawn.high)]
}

const orNull = (value: number | undefined): number | null => (value === undefined ? null : rounded(value))

function numbersIn(memory: RunFacts['pnl'], name: string): number[] {
  const list = memory[name]
  return Array.isArray(list) ? list.filter((value: Json): value is number => typeof value === 'number') : []
}

function numberIn(memory: RunFacts['pnl'], name: string): number | null {
  const value = memory[name]
  return typeof value === 'number' ? value : null
}

function textIn(memory: RunFacts['pnl'], name: string): string | undefined {
  const value = memory[name]
  return typeof value === 'string' ? value : undefined
}

/** What a reader must know beside the figures, in sentences that each name the records they rest on. */
import { sharpeError } from '../pnl/performance.ts'
import { fieldsIn, listIn, numberIn, textIn, type Figures, type Material } from './figures.ts'
import type { Trip } from './trips.ts'
import {
  change, count, counted, decimal, horizonText, list, longDay, money, share, subjectName, UNKNOWN,
} from './wording.ts'

export interface Sentence {
  readonly text: string
  /** Ids of the records behind it, a few at most. */
  readonly records: readonly string[]
}

export interface Sentences {
  /** What came of it, in one breath. */
  readonly lede: readonly Sentence[]
  /** What it must be read with. */
  readonly caveats: readonly Sentence[]
}

/** Precision@5 that a model needs before it goes live. */
const PRECISION_GATE = 0.75
const FEW_TRADES = 30
const TWO_SIDED_95 = 1.96
const CITED = 6

export function sentencesOf(material: Material, figures: Figures, trips: readonly Trip[]): Sentences {
  const books = material.gathered.days.flatMap(({ books }) => books.map(({ id }) => id))
  const ends = books.length > 1 ? [books[0] ?? '', books.at(-1) ?? ''] : books
  const summary = textIn(material.summary.id)
  const measured = summary === undefined ? ends : [summary]
  const closed = trips.filter(({ result }) => result !== undefined)
  const noted = figures.notes.map((text) => ({ text, records: measured }))
  const caveats = [
    withoutBest(figures, trips),
    spread(figures, closed),
    { text: precisionText(figures), records: summary === undefined ? [] : [summary] },
    { text: sharpeText(figures), records: measured },
    open(material, trips),
    ...(figures.notes.length > 0 ? noted : unnoted(figures, measured)),
  ]
  const lede = [{ text: spanText(figures), records: ends }, { text: benchmarkText(figures), records: measured }]
  return { lede: lede.filter(isSaid), caveats: caveats.filter(isSaid) }
}

const isSaid = (sentence: Sentence | undefined): sentence is Sentence => sentence !== undefined && sentence.text !== ''

function spanText({ from, to, equityStart, equityEnd, currency, ...figures }: Figures): string {
  const span = from === undefined || to === undefined ? 'Over a span that is not known' : `From ${longDay(from)} to ${longDay(to)}`
  if (equityStart === undefined || equityEnd === undefined) return `${span}, what became of the money is ${UNKNOWN}.`
  return `${span}, ${money(equityStart, currency)} became ${money(equityEnd, currency)}: ${change(figures.return)}.`
}

function benchmarkText({ benchmark = 'the benchmark', benchmarkReturn, ...figures }: Figures): string {
  if (benchmarkReturn === undefined) return 'No benchmark is in the record, so how the market did meanwhile is not known.'
  const rest = figures.return === undefined ? '' : `, ${compared(figures.return - benchmarkReturn)}`
  return `The same money in ${benchmark} would have made ${change(benchmarkReturn)}${rest}.`
}

function compared(difference: number): string {
  const points = `${decimal(Math.abs(difference) * 100, 1)} points`
  if (Math.abs(difference) < 0.0005) return 'as much'
  return difference > 0 ? `${points} less` : `${points} more`
}

function withoutBest(figures: Figures, trips: readonly Trip[]): Sentence | undefined {
  const { bestSubject, returnWithoutBest } = figures
  if (bestSubject === undefined || returnWithoutBest === undefined) return undefined
  const whole = figures.return ?? 0
  const turn = whole > 0 && returnWithoutBest <= 0 ? ' One name made the difference between a gain and a loss.' : ''
  const records = trips.filter(({ subject }) => subject === bestSubject).flatMap(({ fills }) => fills.map(({ id }) => id))
  const text = `Without ${subjectName(bestSubject)}, the best subject, the return would have been ${change(returnWithoutBest)}.${turn}`
  return { text, records: records.slice(0, CITED) }
}

function spread(figures: Figures, closed: readonly Trip[]): Sentence | undefined {
  const { trades, medianTradeReturn: median, meanTradeReturn: mean, winRate } = figures
  if (trades === undefined) return undefined
  if (trades === 0) return { text: 'No trade was closed.', records: [] }
  if (median === undefined || mean === undefined) return undefined
  const gained = winRate === undefined ? '' : ` ${share(winRate, 0)} of them gained.`
  const largest = [...closed].sort((a, b) => Math.abs(b.resultRatio ?? 0) - Math.abs(a.resultRatio ?? 0))
  const carried = mean > median && mean > 0 && median <= 0 ? ', carried by a few large ones' : ''
  const middle = `the median returned ${change(median)}, the mean ${change(mean)}${carried}`
  const text = `Of ${counted(trades, 'closed trade')} ${middle}.${gained}`
  return { text, records: largest.slice(0, CITED).flatMap(({ fills }) => fills.at(-1)?.id ?? []) }
}

function precisionText({ precision }: Figures): string {
  if (precision === undefined) return 'Precision@5 is not known: no ranked conviction could be judged by later prices.'
  const { value, baseRate, low, high, n, horizon } = precision
  const sample = n === undefined ? '' : ` of ${counted(n, 'judged pick')}`
  const over = horizon === undefined ? '' : ` over ${horizonText(horizon)}`
  const gate = value >= PRECISION_GATE ? '' : ` A model needs ${PRECISION_GATE} before it goes live.`
  const stated = `Precision@5: ${share(value, 0)}${sample} moved as stated${over}`
  if (baseRate === undefined) return `${stated}; what picking blindly would have scored is ${UNKNOWN}.${gate}`
  if (low === undefined || high === undefined) {
    return `${stated}; picking blindly would have scored ${share(baseRate, 0)}.${gate}`
  }
  const verdict = baseRate < low ? 'better than chance' : baseRate > high ? 'worse than chance' : 'not distinguishable from chance'
  const interval = `a 95% interval of ${share(low, 0)} to ${share(high, 0)}`
  return `${stated}, with picking blindly at ${share(baseRate, 0)} and ${interval}: ${verdict}.${gate}`
}

function sharpeText({ sharpe, sharpeN }: Figures): string {
  if (sharpe === undefined || sharpeN === undefined || sharpeN < 1) return ''
  const error = sharpeError(sharpe, sharpeN)
  const verdict = Math.abs(sharpe) < TWO_SIDED_95 * error ? ': it cannot be told from zero' : ''
  return `The Sharpe ratio rests on ${counted(sharpeN, 'daily return')}; its standard error is about ${decimal(error, 1)}${verdict}.`
}

function open({ pnl }: Material, trips: readonly Trip[]): Sentence | undefined {
  const held = trips.filter(({ result }) => result === undefined)
  if (held.length === 0) return undefined
  const values = listIn(pnl.open_positions).flatMap((position) => numberIn(fieldsIn(position)?.value) ?? [])
  const names = held.length <= 8 ? ` (${list(held.map(({ subject }) => subjectName(subject)))})` : ''
  const worth = values.length === held.length ? 'they count at the last close' : 'what they are worth is not told here'
  const were = held.length === 1 ? 'was' : 'were'
  const text = `${counted(held.length, 'position')} ${were} still open at the end${names}; ${worth}.`
  return { text, records: held.slice(0, CITED).flatMap(({ fills }) => fills[0]?.id ?? []) }
}

/** Where no back-test has left its notes. */
function unnoted({ trades, signalsWithoutBars: unpriced, subjectsWithoutBars }: Figures, records: readonly string[]): Sentence[] {
  const texts = ['What could not be traded, for want of prices or because it was delisted, is not known: survivors flatter a result.']
  if (trades !== undefined && trades > 0 && trades < FEW_TRADES) {
    texts.push(`Only ${counted(trades, 'closed trade')}: far too few to tell skill from luck.`)
  }
  if (unpriced !== undefined && unpriced > 0) {
    texts.push(`${counted(unpriced, 'reading')} of ${count(subjectsWithoutBars)} subjects had no prices: neither traded nor judged.`)
  }
  return texts.map((text) => ({ text, records }))
}

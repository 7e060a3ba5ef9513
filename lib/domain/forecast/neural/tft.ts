/**
 * The Temporal Fusion Transformer (Lim, Arik, Loeff and Pfister, arXiv 1912.09363, International Journal of Forecasting 37, 2021): variables are
 * chosen by gated networks, an LSTM reads what was and what is known of what will be, attention with one shared value looks back over all
 * of it, and quantiles of every step come out together. Two things are ours: answers are told as distances from the last season, and what is
 * known of a step reaches its answer directly as well, so that the untrained model is the seasonal naive one.
 */
import { LEVELS } from '../forecaster.ts'
import { normalQuantile } from '../../statistics/normal.ts'
import type { Graph, Start, Value } from '../../neural/graph.ts'
import { lstm } from '../../neural/lstm.ts'
import type { Operations } from '../../neural/operations.ts'
import { lastOf } from '../../neural/shape.ts'
import { KNOWN, STATIC, type Window } from './window.ts'

/** What is seen of the past only. */
export const SEEN = ['value', 'change over a season', 'last change of that'] as const

export interface TftTerms {
  readonly context: number
  readonly horizon: number
  readonly hidden: number
  readonly heads: number
}

export interface TftInputs {
  /** [batch, context, SEEN]. */
  readonly seen: Value
  /** [batch, context + horizon, KNOWN]. */
  readonly known: Value
  /** [batch, STATIC]. */
  readonly fixed: Value
}

export interface Tft {
  /** [batch, horizon, LEVELS], as distances from the last season in units of the window. */
  readonly quantiles: Value
  /** [batch, horizon, context + horizon]: how much each step looked at each other, mean of the heads. */
  readonly attention: Value
  /** [batch, context, SEEN + KNOWN]: how much each variable of the past counted. */
  readonly pastWeights: Value
  /** [batch, horizon, KNOWN]. */
  readonly futureWeights: Value
}

const glorot = (into: number, out: number): Start => ({ within: Math.sqrt(6 / (into + out)) })

export function tftInputs(g: Graph, { context, horizon }: TftTerms, batch: number): TftInputs {
  const words = { 0: 'batch' }
  return {
    seen: g.input('seen', [batch, context, SEEN.length], words),
    known: g.input('known', [batch, context + horizon, KNOWN.length], words),
    fixed: g.input('fixed', [batch, STATIC.length], words),
  }
}

export function tft(g: Graph, ops: Operations, { seen, known, fixed }: TftInputs, { context, horizon, hidden, heads }: TftTerms): Tft {
  const batch = fixed.shape[0] ?? 1
  const layer = layersOn(g, ops, hidden)

  const [chosen] = layer.select('static', ops.reshape(fixed, [batch, 1, STATIC.length], 0), undefined)
  const of = (name: string): Value => layer.grn(name, chosen, undefined)
  const forChoice = of('for_choice'), forState = of('for_state'), forCell = of('for_cell'), forEnrichment = of('for_enrichment')

  const [knownPast, knownFuture] = two(ops.split(known, 1, [context, horizon]))
  const [past, pastWeights] = layer.select('past', ops.concat([seen, knownPast], 2), forChoice)
  const [future, futureWeights] = layer.select('future', knownFuture, forChoice)

  const timeFirst = (value: Value): Value => ops.transpose(value, [1, 0, 2])
  const encoder = lstm(g, ops, 'encoder', timeFirst(past), hidden, { hidden: timeFirst(forState), cell: timeFirst(forCell) })
  const decoder = lstm(g, ops, 'decoder', timeFirst(future), hidden, encoder)
  const read = timeFirst(ops.concat([encoder.all, decoder.all], 0))
  const local = layer.gated('local', read, ops.concat([past, future], 1))
  const enriched = layer.grn('enrichment', local, forEnrichment)

  const [attended, attention] = attend(g, ops, layer, enriched, { batch, context, horizon, hidden, heads })
  const [, ahead] = two(ops.split(enriched, 1, [context, horizon]))
  const [, localAhead] = two(ops.split(local, 1, [context, horizon]))
  const looked = layer.gated('attended', attended, ahead)
  const last = layer.gated('last', layer.grn('after', looked, undefined), localAhead)

  // From the last season, by what the network says, and by what is known of the step beside it.
  const direct = ops.matmul(knownFuture, g.parameter('direct', [KNOWN.length, LEVELS.length], { at: 0 }))
  const answer = ops.add(layer.linear('answer', last, LEVELS.length, { at: 0 }), direct)
  const spread = ops.mul(g.parameter('spread', [LEVELS.length], { at: 1 }), g.constant([LEVELS.length], LEVELS.map((q) => normalQuantile(q))))
  const quantiles = ops.add(answer, spread)
  return { quantiles, attention, pastWeights, futureWeights }
}

/** Mean pinball loss over all quantiles, steps and windows; `truth` is [batch, horizon, 1] (Koenker and Bassett, Econometrica 46, 1978). */
export function pinballOf(g: Graph, ops: Operations, quantiles: Value, truth: Value): Value {
  const off = ops.sub(truth, quantiles)
  const over = ops.sub(g.constant([LEVELS.length], [...LEVELS]), ops.above(g.scalar(0), off))
  return ops.mean(ops.mul(off, over), [0, 1, 2])
}

interface Sizes extends TftTerms {
  readonly batch: number
}

/** Steps ahead look at all that comes before them and at themselves. The heads share one value, so that their mean says where was looked. */
function attend(g: Graph, ops: Operations, layer: Layers, all: Value, { batch, context, horizon, hidden, heads }: Sizes): readonly [Value, Value] {
  const steps = context + horizon, width = hidden / heads
  const [, ahead] = two(ops.split(all, 1, [context, horizon]))
  const headed = (name: string, of: Value, length: number): Value =>
    ops.transpose(ops.reshape(layer.linear(name, of, hidden), [batch, length, heads, width], 0), [0, 2, 1, 3])
  const query = headed('query', ahead, horizon), key = headed('key', all, steps)
  const scores = ops.mul(ops.matmul(query, ops.transpose(key, [0, 1, 3, 2])), g.scalar(1 / Math.sqrt(width)))
  const mask = Float32Array.from({ length: horizon * steps }, (_, i) => (i % steps <= context + Math.floor(i / steps) ? 0 : -1e9))
  const attention = ops.mean(ops.softmax(ops.add(scores, g.constant([horizon, steps], mask))), [1])
  return [layer.linear('attended_out', ops.matmul(attention, layer.linear('worth', all, width)), hidden), attention]
}

type Layers = ReturnType<typeof layersOn>

/** The building blocks of section 4 of the paper. Last axes are widths. */
function layersOn(g: Graph, ops: Operations, hidden: number) {
  function linear(name: string, x: Value, out: number, start?: Start): Value {
    const into = lastOf(x.shape)
    return ops.add(ops.matmul(x, g.parameter(`${name}_w`, [into, out], start ?? glorot(into, out))), g.parameter(`${name}_b`, [out], { at: 0 }))
  }
  /** A gated linear unit, added to what goes past it, and normalised. */
  function gated(name: string, x: Value, past: Value, group: readonly number[] = []): Value {
    const width = lastOf(past.shape)
    const doubled = grouped(`${name}_gate`, x, 2 * width, group)
    const [open, value] = two(ops.split(doubled, doubled.shape.length - 1, [width, width]))
    const gain = g.parameter(`${name}_gain`, [width], { at: 1 }), bias = g.parameter(`${name}_bias`, [width], { at: 0 })
    return ops.layerNorm(ops.add(past, ops.mul(ops.sigmoid(open), value)), gain, bias)
  }
  /** A linear map of its own for each of the first axis, or one for all. */
  function grouped(name: string, x: Value, out: number, group: readonly number[]): Value {
    if (group.length === 0) return linear(name, x, out)
    const into = lastOf(x.shape)
    const weight = g.parameter(`${name}_w`, [...group, into, out], glorot(into, out))
    return ops.add(ops.matmul(x, weight), g.parameter(`${name}_b`, [...group, 1, out], { at: 0 }))
  }
  /** A gated residual network; `context` is [batch, 1, hidden], or there is none. */
  function grn(name: string, x: Value, context: Value | undefined, out = hidden, group: readonly number[] = []): Value {
    const seen = grouped(`${name}_in`, x, hidden, group)
    const joined = context === undefined ? seen
      : ops.add(seen, ops.matmul(context, g.parameter(`${name}_context`, [hidden, hidden], glorot(hidden, hidden))))
    const inner = grouped(`${name}_mid`, ops.elu(joined), hidden, group)
    const past = lastOf(x.shape) === out ? x : linear(`${name}_past`, x, out)
    return gated(name, inner, past, group)
  }
  /**
   * Variables as numbers, [batch, time, variables], each through a network of its own, and weighed by what all of them say: the sum,
   * [batch, time, hidden], and the weights, [batch, time, variables].
   */
  function select(name: string, x: Value, context: Value | undefined): readonly [Value, Value] {
    const [batch = 1, time = 1, count = 1] = x.shape, rows = batch * time
    const apart = ops.reshape(ops.transpose(x, [2, 0, 1]), [count, rows, 1], 1)
    const slope = g.parameter(`${name}_lift`, [count, 1, hidden], { within: 1 }), base = g.parameter(`${name}_base`, [count, 1, hidden], { within: 0.5 })
    const lifted = ops.add(ops.mul(apart, slope), base)
    const own = grn(`${name}_own`, lifted, undefined, hidden, [count])
    const flat = ops.reshape(ops.transpose(lifted, [1, 0, 2]), [batch, time, count * hidden], 0)
    const weights = ops.softmax(grn(`${name}_weights`, flat, context, count))
    const share = ops.reshape(ops.transpose(weights, [2, 0, 1]), [count, rows, 1], 1)
    return [ops.reshape(ops.sum(ops.mul(own, share), [0]), [batch, time, hidden], 0), weights]
  }
  return { linear, gated, grn, select }
}

function two<T>(parts: readonly T[]): readonly [T, T] {
  const [a, b] = parts
  if (a === undefined || b === undefined) throw new RangeError('two parts')
  return [a, b]
}

export interface TftBatch {
  readonly seen: Float32Array
  readonly known: Float32Array
  readonly fixed: Float32Array
}

/** What the model is given of windows. */
export function tftBatch(windows: readonly Window[], { context, horizon }: TftTerms): TftBatch {
  const steps = context + horizon, count = windows.length
  const seen = new Float32Array(count * context * SEEN.length), known = new Float32Array(count * steps * KNOWN.length)
  const fixed = new Float32Array(count * STATIC.length)
  windows.forEach((window, w) => {
    const from = window.origin - context
    for (let t = 0; t < steps; t++) window.known(from + t, known, (w * steps + t) * KNOWN.length)
    for (let t = 0; t < context; t++) {
      const at = (w * context + t) * SEEN.length, change = window.change(from + t)
      seen[at] = window.told(window.at(from + t), from + t)
      seen[at + 1] = change
      seen[at + 2] = change - window.change(from + t - 1)
    }
    window.statics(fixed, w * STATIC.length)
  })
  return { seen, known, fixed }
}

/** What came true, in units of the windows, [windows, horizon]. */
export function truthOf(windows: readonly Window[], horizon: number): Float32Array {
  const truth = new Float32Array(windows.length * horizon)
  windows.forEach((window, w) => {
    for (let t = 0; t < horizon; t++) truth[w * horizon + t] = window.told(window.at(window.origin + t), window.origin + t)
  })
  return truth
}

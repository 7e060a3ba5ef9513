/**
 * DeepAR (Salinas, Flunkert, Gasthaus and Januschowski, arXiv 1704.04110, International Journal of Forecasting 36, 2020): an LSTM reads a series
 * value by value and says how the next one is distributed, a Student t; forecasts are paths drawn step by step, each fed what it drew. Ours
 * says values as distances from the last season, and what is read reaches the answer directly as well.
 */
import type { Graph, Value } from '../../neural/graph.ts'
import { lstm, type Memory } from '../../neural/lstm.ts'
import type { Operations } from '../../neural/operations.ts'
import { lastOf } from '../../neural/shape.ts'
import { KNOWN, STATIC, weekOf, type Window } from './window.ts'

export interface DeeparTerms {
  readonly context: number
  readonly horizon: number
  readonly hidden: number
}

/** Of each step, from what came before it: known at the origin, or drawn since. */
export const DRAWN = ['last value', 'last but one', 'a season ago', 'a week ago', 'last change over a season'] as const
export const READ = [...KNOWN, ...DRAWN, ...STATIC] as const

export interface Deepar {
  /** [time, batch, 1] each: location, scale and degrees of freedom of the distance from the last season, in units of the window. */
  readonly location: Value
  readonly scale: Value
  readonly freedom: Value
  readonly memory: Memory
}

/** Fewer degrees of freedom have no variance. */
const LEAST_FREEDOM = 2.1
const LEAST_SCALE = 1e-3

/** `read` is [time, batch, READ]. Time and batch may be any when it is served. */
export function deepar(g: Graph, ops: Operations, read: Value, { hidden }: DeeparTerms, from: Memory): Deepar {
  const { all, ...memory } = lstm(g, ops, 'lstm', read, hidden, from)
  const head = (name: string, x: Value, at: number): Value =>
    ops.add(ops.matmul(x, g.parameter(`${name}_w`, [lastOf(x.shape), 1], { at: 0 })), g.parameter(`${name}_b`, [1], { at }))
  const location = head('location', ops.concat([all, read], 2), 0)
  const scale = ops.add(ops.softplus(head('scale', all, 0.5)), g.scalar(LEAST_SCALE))
  const freedom = ops.add(ops.softplus(head('freedom', all, 2)), g.scalar(LEAST_FREEDOM))
  return { location, scale, freedom, memory }
}

/** Nothing is remembered yet. */
export function blank(g: Graph, batch: number, hidden: number): Memory {
  const nothing = g.emit('Expand', [g.scalar(0), g.whole([1, batch, hidden])], [1, batch, hidden])
  return { hidden: nothing, cell: nothing }
}

/** Mean negative log density of `truth`, [time, batch, 1], over the steps that `counts` weighs, [time, 1, 1] (mean 1). */
export function surpriseOf(g: Graph, ops: Operations, { location, scale, freedom }: Deepar, truth: Value, counts: Value): Value {
  const half = g.scalar(0.5), one = g.scalar(1)
  const off = ops.div(ops.sub(truth, location), scale)
  const upper = ops.mul(ops.add(freedom, one), half)
  const tail = ops.mul(upper, ops.log(ops.add(one, ops.div(ops.mul(off, off), freedom))))
  const norm = ops.add(ops.sub(ops.logGamma(ops.mul(freedom, half)), ops.logGamma(upper)), ops.mul(half, ops.log(ops.mul(freedom, g.scalar(Math.PI)))))
  return ops.mean(ops.mul(ops.add(ops.add(tail, norm), ops.log(scale)), counts), [0, 1, 2])
}

/** What is read of a step that may have been drawn; `told` gives values in units of the window, of those before the step only. */
export function readDrawn(told: (place: number) => number, place: number, season: number, into: Float32Array, offset: number): void {
  const last = told(place - 1)
  into[offset] = last
  into[offset + 1] = told(place - 2)
  into[offset + 2] = told(place - season)
  into[offset + 3] = told(place - weekOf(season))
  into[offset + 4] = last - told(place - 1 - season)
}

export interface DeeparBatch {
  /** [time, windows, READ]. */
  readonly read: Float32Array
  /** [time, windows]. */
  readonly truth: Float32Array
}

/** Windows from their context to `ahead` steps behind the origin, time first; `ahead` 0 is all that may be read when it is served. */
export function deeparBatch(windows: readonly Window[], { context }: DeeparTerms, ahead: number): DeeparBatch {
  const steps = context + ahead, count = windows.length
  const read = new Float32Array(steps * count * READ.length), truth = new Float32Array(steps * count)
  windows.forEach((window, w) => {
    const from = window.origin - context, { season } = window.terms, told = (place: number): number => window.told(window.at(place), place)
    for (let t = 0; t < steps; t++) {
      const at = (t * count + w) * READ.length
      window.known(from + t, read, at)
      readDrawn(told, from + t, season, read, at + KNOWN.length)
      window.statics(read, at + KNOWN.length + DRAWN.length)
      truth[t * count + w] = told(from + t)
    }
  })
  return { read, truth }
}

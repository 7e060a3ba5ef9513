/** What a reader finds in a signal, before it is a record. */
import type { Signal } from '#record'
import type { Scales } from './scales.ts'

export interface Finding {
  readonly type: string
  readonly subject: string
  /** Of the series or thing it is a word on: a later finding of the same key takes its place. The signal's own where nothing is said. */
  readonly key?: string
  /** From -1 (bearish) to 1; 0 where it says that something happens, and not which way it points. */
  readonly polarity: number
  readonly magnitude?: number | undefined
  readonly author?: string | undefined
  readonly entities?: readonly string[]
  readonly facts?: { readonly [name: string]: unknown }
}

/** Reads one signal; `scales` tells what is usual for its source, and learns. */
export type Reader = (signal: Signal, scales: Scales) => readonly Finding[]

/** A number, or exact decimal text as a number. */
export function numberIn({ facts }: Signal, name: string): number | undefined {
  const value = facts?.[name]
  const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN
  return Number.isFinite(number) ? number : undefined
}

export function textIn({ facts }: Signal, name: string): string | undefined {
  const value = facts?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export const NOTHING: readonly Finding[] = []

/** Polarity of what is so many deviations from usual: wholly one side at three. */
export const leaning = (deviations: number): number => Math.round(1000 * Math.max(-1, Math.min(1, deviations / 3))) / 1000 + 0

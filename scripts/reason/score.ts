/** What a part of the reasoning scores on one labelled set, beside its rivals. */
export interface Rival {
  readonly name: string
  readonly value: number
  /** Measured in this very run on the same rows, or published for the same split. */
  readonly how: 'measured' | 'published'
}

export interface Score {
  readonly part: string
  readonly set: string
  /** Which rows are judged, and what kept them from what was learned: `later than 2020-06`, `other authors`, `fixed test split`. */
  readonly split: string
  readonly rows: number
  readonly metric: string
  readonly ours: number
  /** 95 %, by resampling whole authors, days or rows as the split has it. */
  readonly interval?: readonly [number, number]
  readonly rivals: readonly Rival[]
}

export interface Asked {
  /** A sample will do: to see that all of it runs, no figures to quote. */
  readonly quick: boolean
  /** A Python that has the rivals of `rivals.ts`; undefined where there is none. */
  readonly python: string | undefined
}

/** One in so many, where a sample will do. */
export const sampled = <T>(all: readonly T[], { quick }: Pick<Asked, 'quick'>, inSoMany: number): readonly T[] =>
  (quick ? all.filter((_, i) => i % inSoMany === 0) : all)

export interface Part {
  readonly name: string
  /** Paths of its files below the data folder; the part is left out, and said so, where one is missing. Alternatives stand in one list. */
  readonly needs: readonly string[]
  /** What it times: nothing else may run beside it. */
  readonly timed?: true
  /** Whether it asks Python (`asked.python`) for rivals. */
  readonly rivals?: true
  /** `data` is the folder; deterministic but for times. */
  readonly measure: (data: string, asked: Asked) => Promise<readonly Score[]>
}

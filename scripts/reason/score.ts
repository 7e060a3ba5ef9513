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

export interface Part {
  readonly name: string
  /** Paths of its files below the data folder; the part is left out, and said so, where one is missing. Alternatives stand in one list. */
  readonly needs: readonly string[]
  /** `data` is the folder; deterministic. */
  readonly measure: (data: string) => Promise<readonly Score[]>
}

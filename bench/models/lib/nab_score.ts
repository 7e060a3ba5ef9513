/**
 * The score of the Numenta Anomaly Benchmark, written anew from its definition (Lavin & Ahmad 2015, arXiv 1510.03336; numenta/NAB scoring): one threshold
 * for all files of a detector, chosen where the summed score is highest, as NAB's own optimiser does for every detector it publishes.
 */
export interface Scored {
  /** In order of time; NaN counts as 0. */
  readonly scores: ArrayLike<number>
  /** First and last index of each window of anomaly, in order. */
  readonly windows: readonly (readonly [number, number])[]
}
export interface Profile {
  readonly tp: number
  readonly fp: number
  readonly fn: number
}
export const STANDARD: Profile = { tp: 1, fp: 0.11, fn: 1 }

export const probationOf = (records: number): number => Math.floor(Math.min(0.15 * records, 0.15 * 5000))

const sigmoid = (y: number): number => (y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1)

interface Place {
  readonly score: number
  readonly file: number
  /** Of the window it lies in, or -1. */
  readonly window: number
  readonly worth: number
}

/** What a detection at each place is worth: in a window up to 1, early more than late; outside it costs, next to a window less than far from it. */
function placesOf({ scores, windows }: Scored, file: number, profile: Profile): Place[] {
  const places: Place[] = []
  let at = 0
  for (let i = 0; i < scores.length; i++) {
    while (at < windows.length && i > (windows[at]?.[1] ?? 0)) at++
    const [start, end] = windows[at] ?? [Infinity, Infinity]
    const inside = i >= start, previous = windows[at - 1]
    const width = end - start + 1
    const worth = inside
      ? (profile.tp * sigmoid(-(end - i + 1) / width)) / sigmoid(-1)
      : profile.fp * (previous === undefined ? -1 : sigmoid((i - previous[1]) / (previous[1] - previous[0])))
    if (i >= probationOf(scores.length)) places.push({ score: Number.isNaN(scores[i] ?? NaN) ? 0 : (scores[i] ?? 0), file, window: inside ? at : -1, worth })
  }
  return places
}

export interface NabScore {
  /** 100 x (raw - null) / (perfect - null). */
  readonly final: number
  readonly threshold: number
  readonly windows: number
  readonly found: number
  readonly falseAlarms: number
  /** Raw score by file at that threshold. */
  readonly byFile: readonly number[]
}

/** Score all files at the best threshold, or at one that is given. */
export function nabScore(files: readonly Scored[], profile: Profile = STANDARD, given?: number): NabScore {
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0)
  const places = files.flatMap((file, f) => placesOf(file, f, profile)).sort((a, b) => b.score - a.score)
  const byFile = files.map((file) => -profile.fn * file.windows.length)
  const inWindow = new Map<string, number>()
  let raw = -profile.fn * windows, falseAlarms = 0
  let best = { raw, threshold: Infinity, falseAlarms: 0, found: 0, byFile: [...byFile] }
  for (let i = 0; i < places.length;) {
    const threshold = places[i]?.score ?? 0
    if (given !== undefined && threshold < given) break
    for (; i < places.length && places[i]?.score === threshold; i++) {
      const place = places[i]
      if (place === undefined) break
      let gain = place.worth
      if (place.window >= 0) {
        const key = `${place.file} ${place.window}`, before = inWindow.get(key) ?? -profile.fn
        gain = Math.max(before, place.worth) - before
        inWindow.set(key, before + gain)
      } else falseAlarms++
      raw += gain
      byFile[place.file] = (byFile[place.file] ?? 0) + gain
    }
    if (raw > best.raw || given !== undefined) best = { raw, threshold, falseAlarms, found: inWindow.size, byFile: [...byFile] }
  }
  const none = -profile.fn * windows, perfect = profile.tp * windows
  return {
    final: (100 * (best.raw - none)) / (perfect - none), threshold: best.threshold, windows, found: best.found, falseAlarms: best.falseAlarms, byFile: best.byFile,
  }
}

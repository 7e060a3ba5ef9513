/**
 * Cross-validation of what happens in time. An observation has a span: from when it was decided on to when the last of its outcome was known. A
 * fold never trains on an observation whose span meets a span it is tested on, or begins within the embargo after one; and it trains on every other.
 * (Lopez de Prado, "Advances in Financial Machine Learning", 2018, sections 7.4 and 12.4.)
 */
import { bisect } from '../lookup/bisect.ts'

/** Both ends belong to it: spans that share a moment meet. */
export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** Places of observations, ascending. */
export interface Fold {
  readonly train: readonly number[]
  readonly test: readonly number[]
  /** Which groups of neighbouring observations are tested on. */
  readonly groups: readonly number[]
}

export type Scheme =
  /** Each group but the first is tested on, with all before it to train on. */
  | { readonly kind: 'walk'; readonly groups: number }
  /** Each group is tested on, with all others to train on. */
  | { readonly kind: 'purged'; readonly groups: number }
  /** Each choice of so many groups is tested on, with all others to train on. */
  | { readonly kind: 'combinatorial'; readonly groups: number; readonly tested: number }

/** More folds than this are no cross-validation but a mistake in its terms. */
const MOST_FOLDS = 5000

/** `spans` in the order of their beginnings. Throws RangeError where they are not, or where there are not enough for the groups. */
export function foldsOf(spans: readonly Span[], scheme: Scheme, embargoMs = 0): readonly Fold[] {
  for (const [i, { fromMs, untilMs }] of spans.entries()) {
    if (!(untilMs >= fromMs)) throw new RangeError(`observation ${i} ends before it begins`)
    if (fromMs < (spans[i - 1]?.fromMs ?? -Infinity)) throw new RangeError(`observation ${i} begins before the one in front of it`)
  }
  const groups = groupsOf(spans.length, scheme.groups)
  return chosen(scheme).map((picked) => foldOf(spans, groups, picked, scheme.kind === 'walk', embargoMs))
}

/** Neighbours in groups, sizes alike but for one. */
export function groupsOf(n: number, groups: number): readonly (readonly number[])[] {
  if (!(Number.isSafeInteger(groups) && groups >= 2 && groups <= n)) throw new RangeError(`${n} observations cannot be parted into ${groups} groups`)
  return Array.from({ length: groups }, (_, g) => {
    const from = Math.floor((g * n) / groups), until = Math.floor(((g + 1) * n) / groups)
    return Array.from({ length: until - from }, (__, i) => from + i)
  })
}

/** The groups that each fold is tested on. */
function chosen(scheme: Scheme): readonly (readonly number[])[] {
  if (scheme.kind === 'walk') return Array.from({ length: scheme.groups - 1 }, (_, g) => [g + 1])
  if (scheme.kind === 'purged') return Array.from({ length: scheme.groups }, (_, g) => [g])
  const { groups, tested } = scheme
  if (!(tested >= 1 && tested < groups)) throw new RangeError(`${tested} of ${groups} groups cannot be tested on`)
  return combinations(groups, tested)
}

/** Every choice of `k` of the numbers below `n`, in the order of a dictionary. */
export function combinations(n: number, k: number): readonly (readonly number[])[] {
  let count = 1
  for (let i = 0; i < k; i++) count = (count * (n - i)) / (i + 1)
  if (count > MOST_FOLDS) throw new RangeError(`${k} of ${n} groups give ${Math.round(count)} folds, more than ${MOST_FOLDS}`)
  const found: (readonly number[])[] = []
  const from = (start: number, picked: readonly number[]): void => {
    if (picked.length === k) found.push(picked)
    else for (let i = start; i <= n - (k - picked.length); i++) from(i + 1, [...picked, i])
  }
  from(0, [])
  return found
}

function foldOf(spans: readonly Span[], groups: readonly (readonly number[])[], picked: readonly number[], isWalk: boolean, embargoMs: number): Fold {
  const test = picked.flatMap((g) => groups[g] ?? []), first = test[0] ?? 0
  const forbidden = merged(test.flatMap((i) => spans[i] ?? []), embargoMs)
  const tested = new Set(test)
  const train: number[] = []
  for (const [i, span] of spans.entries()) {
    if (tested.has(i) || (isWalk && i > first)) continue
    if (!meets(forbidden, span)) train.push(i)
  }
  return { train, test, groups: picked }
}

/**
 * The spans tested on as stretches that do not meet. Each is followed by its embargo: from there on what the test's outcomes have left in prices
 * could be learnt; what came before a test cannot have come from it.
 */
function merged(spans: readonly Span[], embargoMs: number): readonly Span[] {
  const stretches: { fromMs: number; untilMs: number }[] = []
  for (const { fromMs, untilMs } of spans) {
    const last = stretches.at(-1), end = untilMs + embargoMs
    if (last !== undefined && fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, end)
    else stretches.push({ fromMs, untilMs: end })
  }
  return stretches
}

function meets(stretches: readonly Span[], { fromMs, untilMs }: Span): boolean {
  const next = stretches[bisect(0, stretches.length, (place) => (stretches[place]?.untilMs ?? Infinity) < fromMs)]
  return next !== undefined && next.fromMs <= untilMs
}

export interface Validation {
  readonly scheme: Scheme
  readonly embargoMs: number
}

/** `walk:5`, `purged:5:5d`, `combinatorial:6:2:5d`; the last part is the embargo, as `readEmbargo` reads it. Undefined where it is none of these. */
export function readScheme(text: string, readEmbargo: (text: string) => number | undefined): Validation | undefined {
  const [kind, ...parts] = text.split(':')
  const counts = kind === 'combinatorial' ? 2 : 1
  if ((kind !== 'walk' && kind !== 'purged' && kind !== 'combinatorial') || parts.length < counts || parts.length > counts + 1) return undefined
  const [groups = 0, tested = 0] = parts.slice(0, counts).map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : 0))
  const embargoMs = parts[counts] === undefined ? 0 : readEmbargo(parts[counts])
  if (groups < 2 || embargoMs === undefined || embargoMs < 0) return undefined
  if (kind !== 'combinatorial') return { scheme: { kind, groups }, embargoMs }
  return tested < 1 || tested >= groups ? undefined : { scheme: { kind, groups, tested }, embargoMs }
}

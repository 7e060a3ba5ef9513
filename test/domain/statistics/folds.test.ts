import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDuration } from '#record'
import { combinations, foldsOf, groupsOf, readScheme, type Scheme, type Span } from '#domain/statistics/folds'

const spans = fc.array(fc.record({ at: fc.integer({ min: 0, max: 120 }), length: fc.integer({ min: 0, max: 30 }) }), { minLength: 6, maxLength: 40 })
  .map((list): Span[] => list.sort((a, b) => a.at - b.at).map(({ at, length }) => ({ fromMs: at, untilMs: at + length })))
const schemes = fc.oneof(
  fc.record({ kind: fc.constant('walk' as const), groups: fc.integer({ min: 2, max: 6 }) }),
  fc.record({ kind: fc.constant('purged' as const), groups: fc.integer({ min: 2, max: 6 }) }),
  fc.integer({ min: 2, max: 6 }).chain((groups) => fc.record({
    kind: fc.constant('combinatorial' as const), groups: fc.constant(groups), tested: fc.integer({ min: 1, max: groups - 1 }),
  })),
)
const embargo = fc.integer({ min: 0, max: 20 })

/** Whether two spans share a moment, told moment by moment. */
function meet(a: Span, b: Span): boolean {
  for (let at = a.fromMs; at <= a.untilMs; at++) if (at >= b.fromMs && at <= b.untilMs) return true
  return false
}
const at = (list: readonly Span[], i: number): Span => list[i] ?? assert.fail(`no observation ${i}`)

test('no span that is trained on meets one that is tested on, or the embargo after it', () => {
  fc.assert(fc.property(spans, schemes, embargo, (list, scheme, embargoMs) => {
    for (const { train, test } of foldsOf(list, scheme, embargoMs)) {
      for (const i of train) for (const j of test) {
        const { fromMs, untilMs } = at(list, j)
        assert.ok(!meet(at(list, i), { fromMs, untilMs: untilMs + embargoMs }), `${i} is trained on, ${j} tested on`)
      }
    }
  }), { numRuns: 400 })
})

test('nothing is left out that need not be', () => {
  fc.assert(fc.property(spans, schemes, embargo, (list, scheme, embargoMs) => {
    for (const { train, test } of foldsOf(list, scheme, embargoMs)) {
      const trained = new Set(train), tested = new Set(test), first = Math.min(...test)
      for (const i of list.keys()) {
        if (trained.has(i) || tested.has(i) || (scheme.kind === 'walk' && i > first)) continue
        const met = test.some((j) => meet(at(list, i), { fromMs: at(list, j).fromMs, untilMs: at(list, j).untilMs + embargoMs }))
        assert.ok(met, `${i} was left out for nothing`)
      }
    }
  }), { numRuns: 400 })
})

test('every observation is tested on as often as the scheme says, and walking forward trains on the past alone', () => {
  fc.assert(fc.property(spans, schemes, embargo, (list, scheme, embargoMs) => {
    const counts = new Map<number, number>(), folds = foldsOf(list, scheme, embargoMs)
    for (const { test } of folds) for (const i of test) counts.set(i, (counts.get(i) ?? 0) + 1)
    const head = groupsOf(list.length, scheme.groups)[0] ?? []
    const times = scheme.kind === 'combinatorial' ? (folds.length * scheme.tested) / scheme.groups : 1
    for (const i of list.keys()) assert.equal(counts.get(i) ?? 0, scheme.kind === 'walk' && head.includes(i) ? 0 : times)
    for (const { train, test } of folds) {
      assert.deepEqual(train.filter((i) => test.includes(i)), [])
      if (scheme.kind === 'walk') assert.ok(Math.max(-1, ...train) < Math.min(...test))
    }
  }))
})

test('a hole between groups that are tested on is trained on, purged on both sides and held off behind', () => {
  // Days with outcomes two days long, six groups of five, the second and fifth tested on.
  const days = Array.from({ length: 30 }, (_, i): Span => ({ fromMs: i * 10, untilMs: i * 10 + 20 }))
  const fold = foldsOf(days, { kind: 'combinatorial', groups: 6, tested: 2 }, 15).find(({ groups }) => groups[0] === 1 && groups[1] === 4)
  // 5..9 and 20..24 are tested on: 3, 4 run into the first; 10, 11 meet its outcomes, 12 its embargo.
  assert.deepEqual(fold?.train, [0, 1, 2, 13, 14, 15, 16, 17, 28, 29])
})

test('a purge that looks at the ends alone, or an embargo laid before the purge, would be noticed', () => {
  // The first observation outlives everything: only the whole span tells that it may not be trained on.
  const list: Span[] = [{ fromMs: 0, untilMs: 100 }, { fromMs: 1, untilMs: 2 }, { fromMs: 40, untilMs: 41 }, { fromMs: 50, untilMs: 51 }]
  for (const { train, test } of foldsOf(list, { kind: 'purged', groups: 4 }, 5)) assert.ok(!train.includes(0) || test.length === 0)
  // Outcomes known long after the test's last decision: the embargo counts from their end.
  const long: Span[] = [{ fromMs: 0, untilMs: 60 }, { fromMs: 1, untilMs: 2 }, { fromMs: 64, untilMs: 65 }, { fromMs: 66, untilMs: 67 }]
  assert.deepEqual(foldsOf(long, { kind: 'purged', groups: 4 }, 5)[0]?.train, [3])
})

test('what cannot be parted is refused', () => {
  const two: Span[] = [{ fromMs: 0, untilMs: 1 }, { fromMs: 2, untilMs: 3 }]
  assert.throws(() => foldsOf(two, { kind: 'purged', groups: 3 }), /2 observations cannot be parted into 3 groups/)
  assert.throws(() => foldsOf([...two].reverse(), { kind: 'purged', groups: 2 }), /begins before/)
  assert.throws(() => foldsOf([{ fromMs: 3, untilMs: 1 }], { kind: 'purged', groups: 2 }), /ends before/)
  assert.throws(() => combinations(40, 20), /folds, more than/)
  assert.equal(combinations(6, 2).length, 15)
})

test('schemes as words', () => {
  const read = (text: string) => readScheme(text, parseDuration)
  const known: readonly (readonly [string, Scheme, number])[] = [
    ['walk:5', { kind: 'walk', groups: 5 }, 0], ['purged:5:5d', { kind: 'purged', groups: 5 }, 432_000_000],
    ['combinatorial:6:2:1d', { kind: 'combinatorial', groups: 6, tested: 2 }, 86_400_000],
  ]
  for (const [text, scheme, embargoMs] of known) assert.deepEqual(read(text), { scheme, embargoMs })
  for (const wrong of ['', 'purged', 'purged:1', 'purged:5:five', 'purged:5:5d:2', 'combinatorial:6', 'combinatorial:6:6', 'k:5', 'walk:x', 'purged:2.5']) {
    assert.equal(read(wrong), undefined, wrong)
  }
})

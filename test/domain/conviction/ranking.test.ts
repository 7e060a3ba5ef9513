import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Ranking, type Candidate } from '#domain/conviction/ranking'

const candidate = fc.record({ name: fc.constantFrom(...'abcdefgh'), score: fc.integer({ min: 0, max: 20 }) })
  .map(({ name, score }): Candidate => ({ identity: name, subject: `s${name.charCodeAt(0) % 3}`, id: name, score: score / 20 }))
const moment = fc.uniqueArray(candidate, { selector: (one) => one.identity })
const options = fc.record({
  top: fc.integer({ min: 1, max: 6 }),
  perSubject: fc.constantFrom(1, 2, Infinity),
  margin: fc.constantFrom(0, 0.1, 0.3),
  overtake: fc.constantFrom(0, 0.1, 0.2),
  perSector: fc.constantFrom(undefined, 1, 3),
  sectorOf: fc.constant((subject: string) => (subject === 's2' ? undefined : 'both')),
})

test('no more than asked for, no more of one subject or sector than asked for, and nobody left out who had a place', () => {
  fc.assert(fc.property(fc.array(moment, { maxLength: 5 }), options, (moments, asked) => {
    const ranking = new Ranking(asked)
    for (const candidates of moments) {
      const ranked = ranking.rank(candidates)
      const of = (subject: string): number => ranked.filter((one) => one.subject === subject).length
      assert.ok(ranked.length <= asked.top)
      assert.ok(ranked.every((one) => of(one.subject) <= asked.perSubject))
      const together = ranked.filter((one) => asked.sectorOf(one.subject) !== undefined).length
      assert.ok(together <= (asked.perSector ?? Infinity))
      const full = ({ subject }: Candidate): boolean => of(subject) === asked.perSubject || (asked.sectorOf(subject) !== undefined && together === asked.perSector)
      if (ranked.length < asked.top) assert.ok(candidates.every((one) => ranked.includes(one) || full(one)))
    }
  }))
})

test('the order in which candidates come does not matter', () => {
  fc.assert(fc.property(moment, options, (candidates, asked) => {
    assert.deepEqual(new Ranking(asked).rank([...candidates].reverse()), new Ranking(asked).rank(candidates))
  }))
})

test('a newcomer ranks before one ranked at the last moment only where it beats it by the margin', () => {
  fc.assert(fc.property(moment, moment, options, (first, second, { top, margin, overtake }) => {
    const ranking = new Ranking({ top, margin, overtake, perSubject: Infinity })
    const before = new Set(ranking.rank(first).map((one) => one.identity))
    const ranked = ranking.rank(second)
    const place = (one: Candidate): number => (ranked.includes(one) ? ranked.indexOf(one) : Infinity)
    for (const newcomer of ranked.filter((one) => !before.has(one.identity))) {
      for (const standing of second.filter((one) => before.has(one.identity) && place(newcomer) < place(one))) {
        assert.ok(newcomer.score >= standing.score + margin - 1e-12)
      }
    }
    const scores = ranked.filter((one) => !before.has(one.identity)).map((one) => one.score)
    assert.deepEqual(scores, [...scores].sort((a, b) => b - a))
  }))
})

test('equals stand in the order of subject, then id', () => {
  const one = (subject: string, id: string): Candidate => ({ identity: id, subject, id, score: 0.5 })
  const ranked = new Ranking({ top: 3, perSubject: 3, margin: 0, overtake: 0 }).rank([one('b', '1'), one('a', '3'), one('a', '2')])
  assert.deepEqual(ranked.map(({ id }) => id), ['2', '3', '1'])
})

test('law: the order stays as it was while no score moves by half of what it takes to overtake', () => {
  const small = fc.array(fc.double({ min: -0.0499, max: 0.0499, noNaN: true }), { minLength: 8, maxLength: 8 })
  fc.assert(fc.property(moment, fc.array(small, { maxLength: 5 }), fc.integer({ min: 8, max: 9 }), (candidates, moves, top) => {
    const ranking = new Ranking({ top, margin: 0.1, overtake: 0.1, perSubject: Infinity })
    const order = ranking.rank(candidates).map(({ id }) => id)
    for (const move of moves) {
      assert.deepEqual(ranking.rank(candidates.map((one, i) => ({ ...one, score: one.score + (move[i] ?? 0) }))).map(({ id }) => id), order)
    }
  }))
})

test('law: of two that stood before, none stands right behind one that it beats by enough', () => {
  fc.assert(fc.property(fc.array(moment, { minLength: 2, maxLength: 5 }), options, (moments, asked) => {
    const ranking = new Ranking(asked)
    let before = new Set<string>()
    for (const candidates of moments) {
      const ranked = ranking.rank(candidates)
      const stood = ranked.filter((one) => before.has(one.identity))
      for (const [i, one] of stood.entries()) assert.ok(i === 0 || one.score <= (stood[i - 1]?.score ?? 0) + asked.overtake + 1e-12)
      before = new Set(ranked.map((one) => one.identity))
    }
  }))
})

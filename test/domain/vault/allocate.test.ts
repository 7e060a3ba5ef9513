import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, make, millisOf, type Allocation, type Conviction } from '#record'
import type { PersonaName } from '#domain/conviction/personas'
import { Allocator } from '#domain/vault/allocate'
import { ONE, parseFixed } from '#domain/money/decimal'
import { defaultVault, readVault, type Vault } from '#domain/vault/vault'

const START_MS = millisOf('2021-01-15T15:00:00.000Z')
const HOUR = 3_600_000

function vaultOf(more: Partial<Vault> = {}, method: 'banded' | 'proportional' = 'banded'): Vault {
  const vault = readVault(defaultVault({ cash: 10_000_000n, currency: 'USD', method }), 'core')
  if (vault === undefined || typeof vault === 'string') throw new Error(vault ?? 'no vault')
  return { ...vault, ...more }
}

function conviction(ticker: string, score: number, hour = 0, more: { direction?: 'up' | 'down'; ttl?: number } = {}): Conviction {
  const at = formatInstant(START_MS + hour * HOUR)
  const signal = make('control', { at, known_at: at, source: 'test', by: 'test/0', type: ticker }).id
  return make('conviction', {
    at, known_at: at, source: 'test', by: 'test/0', signal_id: signal, subject: `ticker:${ticker}`, direction: more.direction ?? 'up',
    conviction_score: score, log_odds: Math.log(score / (1 - score)), reason_vector: [], contributing_models: ['chatter'], horizon: '5d',
    ttl: more.ttl ?? 5 * 24 * 3600, routing_tags: [],
  })
}

/** Decide at hour 0, 1, ... over these lists of convictions. */
function run(vault: Vault, hours: readonly (readonly Conviction[])[]): string[][] {
  const allocator = new Allocator(vault, 'test/0')
  return hours.map((list, hour) => {
    for (const one of list) allocator.hear(one)
    return allocator.decide(START_MS + hour * HOUR).map(said)
  })
}
const said = ({ subject, fraction, band, reason }: Allocation): string => `${subject.slice(7)} ${fraction} ${band} ${reason}`

test('each conviction gets the fraction of its band; below the lowest band nothing', () => {
  const list = [conviction('A', 0.5199), conviction('B', 0.52), conviction('C', 0.55), conviction('D', 0.6), conviction('E', 0.999)]
  assert.deepEqual(run(vaultOf(), [list]), [['E 0.08 high entry', 'D 0.08 high entry', 'C 0.04 middle entry', 'B 0.02 low entry']])
})

test('down is no entry, and an exit of what is held', () => {
  assert.deepEqual(run(vaultOf(), [[conviction('A', 0.7, 0, { direction: 'down' }), conviction('B', 0.7)], [conviction('B', 0.7, 1, { direction: 'down' })]]), [
    ['B 0.08 high entry'], ['B 0 high direction'],
  ])
})

test('a held subject is left when its conviction falls below the bands or expires, not when it is not repeated', () => {
  assert.deepEqual(run(vaultOf(), [[conviction('A', 0.7), conviction('B', 0.7, 0, { ttl: 2 * 3600 })], [], [conviction('A', 0.51, 2)], []]), [
    ['A 0.08 high entry', 'B 0.08 high entry'], [], ['A 0 high below_band', 'B 0 high expired'], [],
  ])
})

test('exits name the allocation they undo, entries their conviction', () => {
  const allocator = new Allocator(vaultOf(), 'test/0')
  const first = conviction('A', 0.7), second = conviction('A', 0.5, 1)
  allocator.hear(first)
  const [entry] = allocator.decide(START_MS)
  allocator.hear(second)
  const [exit] = allocator.decide(START_MS + HOUR)
  assert.deepEqual(entry?.parents, [first.id])
  assert.deepEqual(exit?.parents, [entry?.id, second.id])
  assert.equal(exit?.maker, 'chatter')
})

test('small changes are not traded', () => {
  const bands = [{ name: 'a', from: 0.5, to: 0.6, fraction: parseFixed('0.010') ?? 0n }, { name: 'b', from: 0.6, to: 0.7, fraction: parseFixed('0.0124') ?? 0n },
    { name: 'c', from: 0.7, to: 1, fraction: parseFixed('0.0125') ?? 0n }]
  assert.deepEqual(run(vaultOf({ bands }), [[conviction('A', 0.55)], [conviction('A', 0.65, 1)], [conviction('A', 0.75, 2)]]), [
    ['A 0.01 a entry'], [], ['A 0.0125 c resize'],
  ])
})

test('the strongest stay when places run out; at equal strength the held one', () => {
  const caps = { ...vaultOf().caps, openPositions: 2 }
  assert.deepEqual(run(vaultOf({ caps }), [
    [conviction('A', 0.61), conviction('B', 0.62), conviction('C', 0.56)], [conviction('D', 0.61, 1)], [conviction('E', 0.7, 2)],
  ]), [['B 0.08 high entry', 'A 0.08 high entry'], [], ['A 0 high cap', 'E 0.08 high entry']])
})

test('proportional: the gross cap in proportion to log-odds, cut at the position cap, never rounded up', () => {
  const caps = { ...vaultOf().caps, position: ONE, gross: parseFixed('0.9') ?? 0n, openPositions: 25 }
  const out = run(vaultOf({ caps }, 'proportional'), [[conviction('A', 2 / 3), conviction('B', 0.8)]])
  // Log-odds of 2/3 and 4/5 are log 2 and log 4: one third and two thirds of 0.9.
  assert.deepEqual(out, [['B 0.6 high entry', 'A 0.3 high entry']])
})

const moments = fc.array(fc.array(fc.record({
  ticker: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'), score: fc.integer({ min: 45, max: 99 }).map((n) => n / 100),
  direction: fc.constantFrom('up' as const, 'up' as const, 'down' as const), ttlHours: fc.integer({ min: 1, max: 6 }),
}), { maxLength: 8 }), { maxLength: 12 })

for (const method of ['banded', 'proportional'] as const) {
  test(`${method}: no sequence breaks a cap, and every target moves only by what was emitted`, () => {
    const caps = { ...vaultOf().caps, position: parseFixed('0.07') ?? 0n, gross: parseFixed('0.2') ?? 0n, openPositions: 4 }
    fc.assert(fc.property(moments, (hours) => {
      const vault = vaultOf({ caps }, method)
      let allocator = new Allocator(vault, 'test/0')
      const targets = new Map<string, bigint>()
      hours.forEach((list, hour) => {
        for (const { ticker, score, direction, ttlHours } of list) allocator.hear(conviction(ticker, score, hour, { direction, ttl: ttlHours * 3600 }))
        for (const { subject, fraction } of allocator.decide(START_MS + hour * HOUR)) {
          const fixed = parseFixed(fraction) ?? -1n
          assert.notEqual(fixed, targets.get(subject) ?? 0n)
          if (fixed === 0n) targets.delete(subject)
          else targets.set(subject, fixed)
        }
        assert.ok(targets.size <= caps.openPositions)
        assert.ok([...targets.values()].every((fraction) => fraction > 0n && fraction <= caps.position))
        assert.ok([...targets.values()].reduce((sum, fraction) => sum + fraction, 0n) <= caps.gross)
        // A restart in between changes nothing that is held.
        const restarted = new Allocator(vault, 'test/0')
        restarted.restore(allocator.toState())
        assert.deepEqual(restarted.toState(), allocator.toState())
        if (hour % 3 === 2) allocator = restarted
      })
    }), { numRuns: 200 })
  })
}

const temper = (persona: PersonaName | undefined, flip?: PersonaName) =>
  ({ persona, flip: flip === undefined ? undefined : { persona: flip, slice: ONE, untilMs: START_MS + 100 * HOUR } })
function allocated(temperOf: ReturnType<typeof temper>, list: readonly Conviction[]): string[] {
  const allocator = new Allocator(vaultOf({ allowShort: true }), 'test/0', undefined, { temperAt: () => temperOf })
  for (const one of list) allocator.hear(one)
  const resumed = new Allocator(vaultOf({ allowShort: true }), 'test/0', undefined, { temperAt: () => temperOf })
  const told = allocator.decide(START_MS).map((one) => `${said(one)} ${one.direction}`)
  resumed.restore(JSON.parse(JSON.stringify(allocator.toState())) as ReturnType<Allocator['toState']>)
  assert.deepEqual(resumed.decide(START_MS), [], 'what it goes on from says the same of each persona')
  return told
}

test('a vault that has taken on a persona acts on what that one says of a conviction, as the conviction has it', () => {
  const list = [conviction('A', 0.7), conviction('B', 0.531)]
  assert.deepEqual(allocated(temper(undefined), list), ['A 0.08 high entry up', 'B 0.02 low entry up'])
  assert.deepEqual(allocated(temper('athena'), list), ['A 0.04 high entry up'], 'half of it, and B is 0.511 to her')
  assert.deepEqual(allocated(temper('apollo'), list), ['A 0.1 high entry up', 'B 0.06 middle entry up'], 'B is 0.551 to him, and half as large again')
  assert.deepEqual(allocated(temper('ares'), list), ['A 0.08 high entry down', 'B 0.02 low entry down'])
  assert.deepEqual(allocated(temper('nemesis'), list), ['A 0.02 high entry up', 'B 0.02 low entry up'])
  assert.deepEqual(allocated(temper('athena', 'ares'), list).map((one) => one.slice(-4)), ['down', 'down'], 'a flip of the whole vault')
  const elsewhere = { athena: { log_odds: Math.log(0.56 / 0.44), conviction_score: 0.56, tilts: [{ term: 'elsewhere', log_odds: 0.1 }] } }
  assert.deepEqual(allocated(temper('athena'), [{ ...conviction('B', 0.53), persona_overrides: elsewhere }]), ['B 0.02 middle entry up'], 'half of the middle band')
})

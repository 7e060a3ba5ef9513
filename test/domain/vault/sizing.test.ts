import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatFixed, ONE, parseFixed } from '#domain/money/decimal'
import { PERSONAS } from '#domain/conviction/personas'
import { PERSONA, PLAIN, type Persona } from '#domain/vault/persona'
import { blended, kellyFraction, sized, type Sizable, type Sized } from '#domain/vault/sizing'
import { defaultVault, METHODS, readVault, type Vault } from '#domain/vault/vault'

const fixed = (text: string): bigint => parseFixed(text) ?? assert.fail(text)

function vaultOf(more: Partial<Vault> = {}): Vault {
  const vault = readVault(defaultVault({ cash: 10_000_000n, currency: 'USD', method: 'banded' }), 'core')
  return typeof vault === 'object' ? { ...vault, ...more } : assert.fail(String(vault))
}

const claim = (subject: string, score: number, more: Partial<Sizable> = {}): Sizable =>
  ({ subject: `ticker:${subject}`, direction: 'up', score, logOdds: Math.log(score / (1 - score)), maker: 'chatter', evidence: 8, ...more })

const sectors: { readonly [subject: string]: string } = { 'ticker:A': 'retail', 'ticker:B': 'retail', 'ticker:C': 'energy' }
const sizes = (claims: readonly Sizable[], vault = vaultOf(), persona: Persona = PLAIN, gross = vault.caps.gross): string[] =>
  sized(claims, { vault, persona, gross, sectorOf: (subject) => sectors[subject] ?? 'unknown' }).map(said)
const said = ({ claim: { subject, direction }, fraction }: Sized<Sizable>): string => `${subject.slice(7)} ${direction === 'up' ? '' : '-'}${formatFixed(fraction)}`

test('Kelly: 2p - 1 for even odds, drawn to nothing where there is no evidence, and a share of that', () => {
  const kelly = { fraction: ONE, shrink: 0 }
  assert.equal(kellyFraction({ score: 0.75, evidence: 1 }, { kelly }), fixed('0.5'))
  assert.equal(kellyFraction({ score: 0.75, evidence: 8 }, { kelly: { fraction: fixed('0.25'), shrink: 8 } }), fixed('0.0625'))
  assert.equal(kellyFraction({ score: 0.75, evidence: 0 }, { kelly: { fraction: ONE, shrink: 8 } }), 0n)
  assert.equal(kellyFraction({ score: 0.5, evidence: 100 }, { kelly }), 0n)
  assert.equal(kellyFraction({ score: 0.2, evidence: 100 }, { kelly }), 0n)
})

test("Kelly's fraction is where the expected logarithm is largest: a brute-force search agrees", () => {
  for (const p of [0.55, 0.6, 0.73, 0.9]) {
    let best = 0
    const growth = (f: number): number => p * Math.log(1 + f) + (1 - p) * Math.log(1 - f)
    for (let f = 0; f < 1; f += 0.001) if (growth(f) > growth(best)) best = f
    assert.ok(Math.abs(Number(kellyFraction({ score: p, evidence: 1 }, { kelly: { fraction: ONE, shrink: 0 } })) / 1e8 - best) < 0.002)
  }
})

test('sector, source and net take from the weakest', () => {
  const claims = [claim('A', 0.7), claim('B', 0.65), claim('C', 0.62, { maker: 'insider+chatter' })]
  const { caps } = vaultOf()
  assert.deepEqual(sizes(claims), ['A 0.08', 'B 0.08', 'C 0.08'])
  assert.deepEqual(sizes(claims, vaultOf({ caps: { ...caps, sector: fixed('0.1') } })), ['A 0.08', 'B 0.02', 'C 0.08'])
  assert.deepEqual(sizes(claims, vaultOf({ caps: { ...caps, source: fixed('0.17') } })), ['A 0.08', 'B 0.08', 'C 0.01'])
  assert.deepEqual(sizes([...claims, claim('D', 0.61, { direction: 'down' })], vaultOf({ caps: { ...caps, net: fixed('0.2') } })), ['A 0.08', 'B 0.08', 'C 0.04', 'D -0.08'])
})

test('personas tilt sizes, never caps', () => {
  const claims = [claim('A', 0.7), claim('B', 0.57), claim('C', 0.53)]
  assert.deepEqual(sizes(claims), ['A 0.08', 'B 0.04', 'C 0.02'])
  assert.deepEqual(sizes(claims, vaultOf(), PERSONA.athena), ['A 0.04', 'B 0.02', 'C 0.01'])
  assert.deepEqual(sizes(claims, vaultOf(), PERSONA.apollo), ['A 0.1', 'B 0.06', 'C 0.03'], 'one and a half, at most the position cap')
  assert.deepEqual(sizes(claims, vaultOf(), PERSONA.nemesis), ['A 0.02', 'B 0.02', 'C 0.02'])
  assert.deepEqual(sizes(claims, vaultOf(), PERSONA.apollo, fixed('0.12')), ['A 0.1', 'B 0.02'], 'the ceiling of the persona')
})

test('two tempers have their slices; opposite sides cancel', () => {
  const one = (subject: string, fraction: string, direction: 'up' | 'down' = 'up'): Sized<Sizable> =>
    ({ claim: claim(subject, 0.7, { direction }), band: vaultOf().bands[0] ?? assert.fail(), fraction: fixed(fraction) })
  const base = [one('A', '0.08'), one('B', '0.04')], other = [one('A', '0.08', 'down'), one('C', '0.05')]
  assert.deepEqual(blended(base, other, fixed('0.1')).map(said), ['A 0.064', 'B 0.036', 'C 0.005'])
  assert.deepEqual(blended(base, other, fixed('0.5')).map(said), ['B 0.02', 'C 0.025'])
  assert.deepEqual(blended(base, other, ONE).map(said), ['A -0.08', 'C 0.05'])
})

const claims = fc.array(fc.record({
  subject: fc.constantFrom('A', 'B', 'C', 'D', 'E').map((name) => `ticker:${name}`), direction: fc.constantFrom('up' as const, 'down' as const),
  score: fc.double({ min: 0.5, max: 0.999, noNaN: true }), maker: fc.constantFrom('chatter', 'insider', 'insider+chatter'), evidence: fc.nat(50),
}).map((one): Sizable => ({ ...one, logOdds: Math.log(one.score / (1 - one.score)) })), { maxLength: 8 })
const cap = fc.integer({ min: 1, max: 150 }).map((percent) => (BigInt(percent) * ONE) / 100n)

test('whatever is claimed, by any method, under any persona: no cap is broken', () => {
  fc.assert(fc.property(claims, fc.constantFrom(...METHODS), fc.constantFrom(undefined, ...PERSONAS), fc.tuple(cap, cap, cap, cap, cap), (given, method, name, [position, sector, source, gross, net]) => {
    const unique = [...new Map(given.map((one) => [one.subject, one])).values()]
    const vault = vaultOf({ method, caps: { ...vaultOf().caps, position, sector, source, gross, net } })
    const ceiling = name === undefined || vault.leverage[name] > gross ? gross : vault.leverage[name]
    const found = sized(unique, { vault, persona: name === undefined ? PLAIN : PERSONA[name], gross: ceiling, sectorOf: (subject) => sectors[subject] ?? 'unknown' })
    const sum = (keep: (one: Sized<Sizable>) => boolean, sign = (_: Sized<Sizable>): bigint => 1n): bigint =>
      found.filter(keep).reduce((total, one) => total + one.fraction * sign(one), 0n)
    for (const one of found) {
      assert.ok(one.fraction > 0n && one.fraction <= position)
      assert.ok(sum(({ claim: { subject } }) => (sectors[subject] ?? 'unknown') === (sectors[one.claim.subject] ?? 'unknown')) <= sector)
      for (const maker of one.claim.maker.split('+')) assert.ok(sum(({ claim }) => claim.maker.split('+').includes(maker)) <= source)
    }
    assert.ok(sum(() => true) <= ceiling)
    const signed = sum(() => true, ({ claim }) => (claim.direction === 'up' ? 1n : -1n))
    assert.ok(signed <= net && signed >= -net, `net ${signed} of ${net}`)
  }), { numRuns: 500 })
})

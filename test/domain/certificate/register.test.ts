/** The register against a model that keeps nothing but what was done, and asks Node what the result is worth. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  dueIn, holding, isName, parseRegister, signerAt, standingIn, trusted, wantedOf, withAuthority, withIssued, withLists, withRevoked, type Register,
} from '#domain/certificate/register'
import { certificatesIn, standingOf, trustIn } from '#domain/certificate/standing'
import { pair, type Pair } from './pair.ts'

const DAY_MS = 86_400_000, BEGIN = Date.UTC(2026, 0)

const empty: Register = { name: 'test-ca', crl_number: 0, crl_life_ms: 30 * DAY_MS, authorities: [], issued: [], revoked: [] }

type Act = { readonly days: number } & ({ readonly what: 'issue'; readonly name: string; readonly life: number } | { readonly what: 'revoke'; readonly nth: number } | { readonly what: 'ca' })
const days = fc.integer({ min: 0, max: 9 })
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('issue' as const), days, name: fc.constantFrom('a', 'b'), life: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('revoke' as const), days, nth: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('ca' as const), days }) },
)

test('whatever is issued, revoked and rotated: who counts is told alike by the register and by those who read what is published', () => {
  fc.assert(fc.property(fc.array(act, { maxLength: 14 }), (acts) => {
    const owned = [pair()], made: { name: string; certificate: string; until: number; revoked: boolean }[] = []
    let nowMs = BEGIN
    const sum = (): Pair => owned.at(-1) ?? pair()
    let register = withAuthority(empty, sum().publicKey, { nowMs, lifeMs: 1000 * DAY_MS, signsFromMs: nowMs }, sum().sign)
    for (const one of acts) {
      nowMs += one.days * DAY_MS
      if (one.what === 'issue') {
        const signer = owned[signerAt(register, nowMs)]
        assert.ok(signer !== undefined)
        const issued = withIssued(register, { name: one.name, use: 'both', altNames: [], lifeMs: one.life * DAY_MS }, pair().publicKey, nowMs, signer.sign)
        register = issued.register
        made.push({ name: one.name, certificate: issued.certificate, until: nowMs + one.life * DAY_MS, revoked: false })
      } else if (one.what === 'ca') {
        owned.push(pair())
        register = withAuthority(register, sum().publicKey, { nowMs, lifeMs: 1000 * DAY_MS, signsFromMs: nowMs + 7 * DAY_MS }, sum().sign)
      } else {
        const taken = made[one.nth], serial = register.issued[one.nth]?.serial
        if (taken === undefined || serial === undefined) continue
        taken.revoked = true
        register = withRevoked(register, [serial, serial], 'superseded', nowMs)
      }
    }
    const published = withLists(register, nowMs, (place) => owned[place]?.sign ?? sum().sign), trust = trustIn(trusted(register, nowMs), published.lists)
    assert.equal(published.register.crl_number, register.crl_number + 1)
    for (const [i, { name, certificate, until, revoked }] of made.entries()) {
      const issued = register.issued[i], [read] = certificatesIn(certificate)
      assert.ok(issued !== undefined && read !== undefined)
      const counts = !revoked && nowMs < until, isLatest = !made.slice(i + 1).some((later) => later.name === name && !later.revoked)
      assert.equal(standingIn(register, issued, nowMs), revoked ? 'revoked' : !counts ? 'expired' : isLatest ? 'valid' : 'overlap')
      // A list tells of what was revoked until a day after it would have ended by itself.
      assert.equal(standingOf(read, trust, nowMs, 0).found, counts ? 'good' : revoked && nowMs < until + DAY_MS ? 'revoked' : 'expired')
    }
    assert.deepEqual(parseRegister(JSON.stringify(register)), register)
    assert.deepEqual(holding(register, nowMs).length, made.filter(({ until, revoked }) => !revoked && nowMs < until).length)
  }), { numRuns: 60 })
})

test('a new key of the authority is trusted at once and signs once all can have heard of it', () => {
  const [first, second] = [pair(), pair()]
  const before = withAuthority(empty, first.publicKey, { nowMs: BEGIN, lifeMs: 100 * DAY_MS, signsFromMs: BEGIN }, first.sign)
  const both = withAuthority(before, second.publicKey, { nowMs: BEGIN + DAY_MS, lifeMs: 100 * DAY_MS, signsFromMs: BEGIN + 8 * DAY_MS }, second.sign)
  assert.deepEqual([0, 7, 8, 100, 101].map((day) => signerAt(both, BEGIN + day * DAY_MS)), [0, 0, 1, 1, -1])
  assert.equal(signerAt(before, BEGIN + 100 * DAY_MS), -1)
  assert.deepEqual([1, 100, 101].map((day) => certificatesIn(trusted(both, BEGIN + day * DAY_MS)).length), [2, 1, 0])
})

test('nothing outlives the authority, and two thirds of a life are enough', () => {
  const own = pair(), register = withAuthority(empty, own.publicKey, { nowMs: BEGIN, lifeMs: 10 * DAY_MS, signsFromMs: BEGIN }, own.sign)
  const wanted = { name: 'a', use: 'client', altNames: [{ dns: 'a' }, { ip: '::1' }], lifeMs: 30 * DAY_MS } as const
  const { register: held, issued, certificate } = withIssued(register, wanted, pair().publicKey, BEGIN, own.sign)
  assert.equal(Date.parse(new X509Certificate(certificate).validTo), BEGIN + 10 * DAY_MS)
  assert.deepEqual(wantedOf(issued), wanted)
  assert.deepEqual([6, 7].map((day) => dueIn(held, BEGIN + day * DAY_MS)), [[], [issued]])
  assert.throws(() => withIssued(register, wanted, pair().publicKey, BEGIN + 10 * DAY_MS, own.sign), RangeError)
})

test('what has ended is due until its name has another, or was revoked; an earlier one of a name that was revoked is not', () => {
  const own = pair(), wanted = { name: 'a', use: 'client', altNames: [], lifeMs: 3 * DAY_MS } as const
  const issue = (register: Register, nowMs: number) => withIssued(register, wanted, pair().publicKey, nowMs, own.sign)
  const due = (register: Register, day: number): readonly string[] => dueIn(register, BEGIN + day * DAY_MS).map(({ serial }) => serial)
  const first = issue(withAuthority(empty, own.publicKey, { nowMs: BEGIN, lifeMs: 90 * DAY_MS, signsFromMs: BEGIN }, own.sign), BEGIN)
  assert.deepEqual([1, 2, 3, 30].map((day) => due(first.register, day)), [[], ...Array.from({ length: 3 }, () => [first.issued.serial])])
  assert.deepEqual(due(withRevoked(first.register, [first.issued.serial], 'no-longer-used', BEGIN), 30), [])
  const second = issue(first.register, BEGIN + 10 * DAY_MS)
  assert.deepEqual([11, 12, 30].map((day) => due(second.register, day)), [[], [second.issued.serial], [second.issued.serial]])
  assert.deepEqual(due(withRevoked(second.register, [second.issued.serial], 'key-compromise', BEGIN + 10 * DAY_MS), 30), [])
})

test('a register that is none is said to be', () => {
  assert.equal(parseRegister('{'), 'not valid JSON')
  assert.match(String(parseRegister('{}')), /name/)
  assert.match(String(parseRegister(JSON.stringify({ ...empty, crl_number: -1 }))), /crl_number/)
  assert.deepEqual(['markets', 'redis.example', 'ca', '', '../x', 'A', '-a', 'a.'].map(isName), [true, true, false, false, false, false, false, false])
})

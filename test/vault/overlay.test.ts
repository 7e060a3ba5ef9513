import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, millisOf, type Control, type Json, type Vanta } from '#record'
import { changed, defaultOverlay, effective, haltedBy, OVERLAY_FILE, temperOf } from '#domain/vault/overlay'
import { ONE } from '#domain/money/decimal'
import overlay from '../../src/vault/overlay.ts'
import { bench, type Bench } from '../execute/desk_world.ts'

const NOW_MS = millisOf('2021-01-15T15:00:00.000Z')

function run(world: Bench, verb: string, values: object, operands: string[] = []): Control[] {
  const out: Vanta[] = []
  const act = overlay.verbs[verb]
  if (act?.kind !== 'command') throw new Error(`no verb ${verb}`)
  void act.act({ reason: 'drill', who: 'tester', ...values } as never, operands, world, (record) => out.push(record))
  return out.filter((record): record is Control => record.kind === 'control')
}
const at = (world: Bench): { readonly [name: string]: Json | undefined } => world.store.read(OVERLAY_FILE)?.memory ?? {}

test('only an overlay that says it does not kill lets anything be sent', () => {
  for (const open of [undefined, null, 'x', [], {}, { kill: 'false' }, { kill: 0 }, { kill: null }, { kill: true }]) assert.ok(haltedBy(open) !== undefined, JSON.stringify(open))
  assert.equal(haltedBy(defaultOverlay()), undefined)
  assert.match(haltedBy({ ...defaultOverlay(), orders_disabled: true })?.why ?? '', /orders are disabled/)
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const says = typeof value === 'object' && value !== null && !Array.isArray(value) && (value as { kill?: unknown }).kill === false
    if (!says) assert.ok(haltedBy(value) !== undefined)
  }))
})

test('a change is a record with who, why, until, before and after; the overlay names it', () => {
  const world = bench()
  const [killed] = run(world, 'kill', { flatten: true })
  assert.deepEqual([killed?.type, killed?.facts?.['who'], killed?.facts?.['why']], ['overlay', 'tester', 'drill'])
  assert.equal(at(world)['record'], killed?.id)
  assert.deepEqual(haltedBy(at(world)), { why: 'kill switch: drill', flattenBy: killed?.id })
  const [revived] = run(world, 'revive', {})
  assert.equal(haltedBy(at(world)), undefined)
  assert.deepEqual([...world.journal('overlay.ndjson').lines()].map((line) => (JSON.parse(line) as Control).id), [killed?.id, revived?.id])
})

test('a flip ends by itself, at its moment, whoever looks', () => {
  const world = bench()
  world.nowMs = NOW_MS
  run(world, 'persona', { vault: 'core', persona: 'athena' })
  run(world, 'flip', { vault: 'core', persona: 'ares', ttl: 30 * 60_000, slice: '0.1' })
  const during = temperOf(at(world), 'core', NOW_MS + 30 * 60_000 - 1), after = temperOf(at(world), 'core', NOW_MS + 30 * 60_000)
  assert.deepEqual([during.persona, during.flip?.persona, during.flip?.slice], ['athena', 'ares', ONE / 10n])
  assert.deepEqual(after, { persona: 'athena', flip: undefined })
  assert.deepEqual(temperOf(at(world), 'spare', NOW_MS), { persona: undefined, flip: undefined })
  const shown = effective(at(world), NOW_MS + 31 * 60_000) as { flips: { core: { stands: boolean } } }
  assert.equal(shown.flips.core.stands, false)
  run(world, 'revert', { vault: 'core' })
  assert.equal(temperOf(at(world), 'core', NOW_MS).flip, undefined)
})

test('what is no vault, no share, no word is refused, and nothing is written', () => {
  const world = bench()
  const before = world.store.read(OVERLAY_FILE)?.version
  assert.throws(() => run(world, 'flip', { vault: 'nobody', persona: 'ares', ttl: 1000, slice: '0.1' }), { exit: 'config' })
  for (const slice of ['0', '-1', '1.5', 'x']) assert.throws(() => run(world, 'flip', { vault: 'core', persona: 'ares', ttl: 1000, slice }), { exit: 'usage' }, slice)
  assert.throws(() => run(world, 'maintenance', {}, ['maybe']), { exit: 'usage' })
  assert.equal(world.store.read(OVERLAY_FILE)?.version, before)
  assert.throws(() => temperOf({ flips: { core: { persona: 'zeus', slice: '1', until: formatInstant(NOW_MS) } } }, 'core', NOW_MS), RangeError)
})

test('switches: on stops, off lets go', () => {
  const world = bench()
  run(world, 'orders-disabled', {}, ['on'])
  assert.match(haltedBy(at(world))?.why ?? '', /orders are disabled: drill/)
  run(world, 'orders-disabled', {}, ['off'])
  assert.equal(haltedBy(at(world)), undefined)
})

test('changes keep what they do not name', () => {
  const first = changed({ ...defaultOverlay(), personas: { core: 'athena' } }, { what: 'kill', who: 'a', why: 'b', fields: { kill: true } }, 't/1', NOW_MS)
  assert.deepEqual(first.overlay['personas'], { core: 'athena' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check as checkRecord, type Allocation, type Json } from '#record'
import type { AnyCommand, AnyStreaming } from '#tool'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryStore } from '#adapter/memory/store'
import { sealed, sealFault, settingsOf } from '#domain/vault/seal'
import { SignatureCheck, signAllocations } from '#domain/vault/signature'
import { VAULT_FILE, vaultSettings } from '#domain/vault/vault'
import vault from '../../src/vault/vault.ts'
import { execute as exec } from '../../src/execute/exec.ts'
import { bench, drive, execValues, openPrint, target, tick } from '../execute/desk_world.ts'

const keys = memoryKeys('1', memoryStore())
for (const name of ['core', 'spare']) keys.create(name, '2021-01-01T00:00:00.000Z')
const known = (id: string) => keys.publicKeys().get(id)
const settings = vaultSettings({ cash: 1_000_000n, currency: 'USD', method: 'banded' })
const entry = sealed('core', settings, (text) => keys.sign('core', text))

test('settings count as they were signed, and no otherwise', () => {
  assert.equal(sealFault('core', entry, known), undefined)
  assert.match(sealFault('core', { ...entry, capital: '999999.00' }, known) ?? '', /changed after they were signed; run vanta-vault sign core/)
  assert.match(sealFault('core', settings, known) ?? '', /not signed/)
  assert.match(sealFault('spare', entry, known) ?? '', /not its own/)
  const next = sealed('core', { ...entry, method: 'kelly' }, (text) => keys.sign('core', text))
  assert.deepEqual([sealFault('core', next, known), (next['seal'] as { version: number }).version], [undefined, 2])
  // An older version's signature does not fit a newer one.
  assert.ok(sealFault('core', { ...settingsOf(next), seal: { ...(entry['seal'] as object), version: 2 } }, known) !== undefined)
})

test('an edit of vault.json stops allocation and execution until it is signed again', async () => {
  const world = bench()
  const stored = world.store.read(VAULT_FILE)
  const core = (stored?.memory['vaults'] as { core: { [name: string]: Json } }).core
  world.store.write(VAULT_FILE, { vaults: { core: { ...core, caps: { ...(core['caps'] as object), position: '0.90' } } } }, stored?.version ?? 0)
  const { allocate, sign } = vault.verbs
  assert.throws(() => void (allocate as AnyStreaming).open({ vault: 'core', priced: false } as never, world), { exit: 'config', message: /changed after/ })
  await assert.rejects(drive(exec.open(execValues, world), [openPrint('GME', '2021-01-15T14:30:00.000Z', '40'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'), tick('2021-01-15T15:00:00.000Z')]), { exit: 'config' })
  world.die()
  void (sign as AnyCommand).act({} as never, ['core'], world, () => undefined)
  const out = await drive(exec.open(execValues, world), [openPrint('GME', '2021-01-15T14:30:00.000Z', '40'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'), tick('2021-01-15T15:00:00.000Z')])
  assert.ok(out.some(({ kind }) => kind === 'order'))
})

const allocations = (count: number): Allocation[] => Array.from({ length: count }, (_, i) => target(`T${i}`, '2021-01-15T15:00:00.000Z', '0.01'))

test('each of many allocations is proved by itself; any change of any of them is noticed', () => {
  const check = new SignatureCheck(known)
  for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 33]) {
    const signed = signAllocations('core', allocations(count), (text) => keys.sign('core', text))
    for (const one of signed) assert.equal(check.fault(one), undefined, `${count}`)
  }
  const [first, second] = signAllocations('core', allocations(5), (text) => keys.sign('core', text))
  if (first === undefined || second === undefined || first.signature === undefined) return assert.fail()
  for (const wrong of [
    { ...first, fraction: '0.02' }, { ...first, subject: 'ticker:GME' }, { ...first, expires_at: '2031-01-15T15:00:00.000Z' }, { ...first, vault: 'spare' },
    { ...first, signature: { ...first.signature, index: 1 } }, { ...first, signature: { ...first.signature, size: 4 } },
    { ...first, signature: { ...first.signature, path: first.signature.path.slice(1) } }, { ...first, signature: second.signature },
    { ...first, signature: { ...first.signature, key: '0'.repeat(16) } }, { ...first, signature: { ...first.signature, signed: Buffer.alloc(64).toString('base64') } },
  ]) assert.equal(check.fault(wrong as Allocation)?.code, 'BAD_SIGNATURE')
  const { signature: _signature, ...bare } = first
  assert.equal(check.fault(bare)?.code, 'UNSIGNED')
})

/** On which side of it each sibling stands, from the leaf up: RFC 9162, section 2.1.3.2. */
function sidesOf(index: number, size: number): string {
  let sides = ''
  for (let place = index, last = size - 1; last > 0; place = Math.floor(place / 2), last = Math.floor(last / 2)) {
    if (place % 2 === 1) sides += 'left '
    else if (place < last) sides += 'right '
  }
  return sides
}

test('no bit of a signature may be turned', () => {
  const [one] = signAllocations('core', allocations(6), (text) => keys.sign('core', text))
  const text = JSON.stringify(one?.signature)
  const check = new SignatureCheck(known)
  fc.assert(fc.property(fc.nat(text.length - 1), fc.integer({ min: 33, max: 126 }), (place, code) => {
    const changed = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1)
    let signature: Allocation['signature']
    try {
      const checked = checkRecord({ ...one, signature: JSON.parse(changed) as unknown })
      signature = 'record' in checked ? (checked.record as Allocation).signature : undefined
    } catch {
      return
    }
    // What is no signature by its shape does not come this far.
    if (one === undefined || signature === undefined) return
    // Base64 has bits that say nothing: those may differ.
    const isSame = Buffer.from(signature.signed, 'base64').equals(Buffer.from(one.signature?.signed ?? '', 'base64'))
    // The root is signed, and how many leaves it has is not said beside it: of a size whose tree leads there the same way nothing is claimed.
    const { key, index = 0, size = 0, path } = one.signature ?? {}
    if (isSame && signature.key === key && JSON.stringify(signature.path) === JSON.stringify(path) &&
      signature.index < signature.size && sidesOf(signature.index, signature.size) === sidesOf(index, size)) return
    assert.notEqual(check.fault({ ...one, signature }), undefined, changed)
  }), { examples: [5, 7, 8, 9].map((size): [number, number] => [text.indexOf('"size":') + 7, String(size).charCodeAt(0)]) })
})

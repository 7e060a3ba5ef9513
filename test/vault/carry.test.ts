/** Settings on their way from the node that signs them to the one that trades: what is taken over there, and what is not, whoever carries them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryStore } from '#adapter/memory/store'
import { taken, versionsIn, type Version } from '#domain/vault/carried'
import { sealed, sealOf } from '#domain/vault/seal'
import { BOOK, readVault, vaultSettings } from '#domain/vault/vault'
import type { Json } from '#record'

const folders: string[] = []
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

type Entry = { readonly [name: string]: Json }
const signer = memoryKeys('1', memoryStore()), thief = memoryKeys('2', memoryStore())
for (const owner of ['core', 'spare', BOOK]) for (const keys of [signer, thief]) keys.create(owner, '2021-01-01T00:00:00.000Z')
const pinned = signer.publicKeys(), settings = vaultSettings({ cash: 10_000_000n, currency: 'USD', method: 'banded' }) as Entry

/** Versions 1 to n of an owner, each with another cap. */
function versionsOf(owner: string, count: number, keys = signer): readonly Version[] {
  const made: Version[] = []
  let entry: Entry = owner === BOOK ? { position: '1.00', gross: '1.00', net: '1.00' } : settings
  for (let n = 1; n <= count; n++) {
    entry = sealed(owner, owner === BOOK ? { ...entry, gross: `${n}.00` } : { ...entry, mode: n % 2 === 0 ? 'live' : 'paper', capital: `${n}.00` }, (text) => keys.sign(owner, text))
    made.push({ owner, entry, seal: sealOf(entry) ?? assert.fail() })
  }
  return made
}

test('whatever is lost, doubled, late, changed or made up on the way: in force is the newest version that came, as it was signed, and the number never falls', () => {
  const good = ['core', 'spare', BOOK].flatMap((owner) => versionsOf(owner, 4)), bad = [
    ...versionsOf('core', 6, thief),
    ...good.map((version) => ({ ...version, entry: { ...version.entry, capital: '999.00' } })),
    ...good.map((version) => ({ ...version, seal: { ...version.seal, version: 9 }, entry: { ...version.entry, seal: { ...version.seal, version: 9 } } })),
    ...good.filter(({ owner }) => owner === 'core').map((version) => ({ ...version, owner: 'spare' })),
  ]
  const all = [...good.map((version) => ({ version, isGood: true })), ...bad.map((version) => ({ version, isGood: false }))]
  fc.assert(fc.property(fc.array(fc.constantFrom(...all), { maxLength: 30 }), (came) => {
    let memory: { readonly [name: string]: Json | undefined } | undefined
    const newest = new Map<string, Version>(), before: Version[] = []
    for (const { version, isGood } of came) {
      const found = taken(memory, version, before.filter(({ owner }) => owner === version.owner).map(({ seal }) => seal), (id) => pinned.get(id))
      assert.equal(found.take === 'refused', !isGood)
      const had = newest.get(version.owner)
      assert.equal(found.take === 'new', isGood && (had === undefined || had.seal.version < version.seal.version))
      if (found.take !== 'new') continue
      memory = found.memory
      before.push(version)
      newest.set(version.owner, version)
    }
    assert.deepEqual(new Map(versionsIn(memory).map(({ owner, entry }) => [owner, entry])), new Map([...newest].map(([owner, { entry }]) => [owner, entry])))
  }))
})

test('a file that was spoilt is put right by what is in force, not by what was; of two that bear one number the first counts', () => {
  const versions = versionsOf('core', 3), [first, second, third] = versions, keyOf = (id: string): ReturnType<typeof pinned.get> => pinned.get(id)
  assert.ok(first !== undefined && second !== undefined && third !== undefined)
  const spoilt = { vaults: { core: { ...second.entry, capital: '5.00' } } }, before = [first.seal, second.seal]
  assert.equal(taken(spoilt, first, before, keyOf).take, 'nothing')
  const mended = taken(spoilt, second, before, keyOf)
  assert.deepEqual(mended.take === 'new' && mended.memory['vaults'], { core: second.entry })
  const other = sealed('core', { ...first.entry, capital: '7.00' }, (text) => signer.sign('core', text))
  const twin = taken({ vaults: { core: second.entry } }, { owner: 'core', entry: other, seal: sealOf(other) ?? assert.fail() }, before, keyOf)
  assert.match(twin.take === 'refused' ? twin.why : '', /another version 2/)
})

const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-carry-'))
  folders.push(folder)
  return folder
}

function vault(home: string, words: readonly string[], expected = 0, input = ''): { readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync('bin/vanta-vault', words, { env: { ...process.env, VANTA_HOME: home }, encoding: 'utf8', input })
  assert.equal(status, expected, `${words.join(' ')}: ${stderr}`)
  return { out: stdout, err: stderr }
}
const inForce = (home: string): { readonly [field: string]: unknown } => JSON.parse(readFileSync(join(home, 'memory', 'vault.json'), 'utf8')) as { readonly [field: string]: unknown }
const version = (home: string): unknown => {
  const read = readVault(inForce(home), 'core')
  return typeof read === 'object' ? [read.state, read.stops.loss] : read
}

test('from home to home: once the keys are pinned, what is set there counts here; what is edited, made up or older does not', () => {
  const alpha = fresh(), executor = fresh()
  vault(alpha, ['init', 'core'])
  vault(alpha, ['book', '--gross', '1.5'])
  const first = vault(alpha, ['publish']).out
  assert.match(vault(executor, ['accept'], 77, first).err, /a key that is not its own[^]*2 of the versions/)
  const ids = vault(executor, ['pin', join(alpha, 'memory', 'vault_keys.json')]).out.split('\n').filter((line) => line !== '')
  assert.deepEqual(ids.map((line) => line.split(' ')[1]).sort(), ['_book', 'core'])
  vault(executor, ['accept'], 0, first)
  assert.deepEqual(inForce(executor)['vaults'], inForce(alpha)['vaults'])
  assert.deepEqual(inForce(executor)['book'], inForce(alpha)['book'])

  vault(alpha, ['set', 'core', 'stops.loss=0.08', 'state=closing'])
  const second = vault(alpha, ['publish']).out
  vault(executor, ['accept'], 0, second)
  assert.deepEqual(version(executor), ['closing', 8_000_000n])
  // Told again, and an older one with it: nothing happens.
  assert.equal(vault(executor, ['accept'], 0, second + first).out, '')
  assert.deepEqual(version(executor), ['closing', 8_000_000n])
  // Changed on its way.
  const edited = second.replaceAll('"state":"closing"', '"state":"active"')
  assert.notEqual(edited, second)
  assert.match(vault(executor, ['accept'], 77, edited).err, /changed after they were signed/)
  assert.deepEqual(version(executor), ['closing', 8_000_000n])
  // Of somebody who has the stream and not the key.
  const thiefs = fresh()
  vault(thiefs, ['init', 'core'])
  for (let n = 0; n < 5; n++) vault(thiefs, ['set', 'core', 'state=active'])
  assert.match(vault(executor, ['accept'], 77, vault(thiefs, ['publish']).out).err, /not its own/)
  assert.deepEqual(version(executor), ['closing', 8_000_000n])
  assert.equal(vault(executor, ['history', 'core']).out, vault(alpha, ['history', 'core']).out)
  // What is edited at the signer's without being signed is not told either.
  writeFileSync(join(alpha, 'memory', 'vault.json'), readFileSync(join(alpha, 'memory', 'vault.json'), 'utf8').replace('"closing"', '"active"'))
  vault(executor, ['accept'], 0, vault(alpha, ['publish']).out)
  assert.deepEqual(version(executor), ['closing', 8_000_000n])
})

test('what is refused from a stream counts as heard: it fails one run, not each that follows; told anew once its key is pinned, it counts', () => {
  const alpha = fresh(), executor = fresh(), settings = ['accept', '--in', 'file:settings', '--group', 'executor-settings', '--once']
  vault(alpha, ['init', 'core'])
  const told = (): void => {
    const { status, stderr } = spawnSync('bin/vanta-beam', ['--to', 'file:settings'], { env: { ...process.env, VANTA_HOME: executor }, encoding: 'utf8', input: vault(alpha, ['publish']).out })
    assert.equal(status, 0, stderr)
  }
  told()
  assert.match(vault(executor, settings, 77).err, /1 of the versions/)
  assert.deepEqual(vault(executor, settings), { out: '', err: '' })
  vault(executor, ['pin', join(alpha, 'memory', 'vault_keys.json')])
  told()
  vault(executor, settings)
  assert.deepEqual(inForce(executor)['vaults'], inForce(alpha)['vaults'])
})

test('a file of keys is pinned as it is meant, or not at all', () => {
  const alpha = fresh(), executor = fresh(), path = join(alpha, 'keys')
  vault(alpha, ['init', 'core'])
  const good = readFileSync(join(alpha, 'memory', 'vault_keys.json'), 'utf8')
  for (const bad of ['', '[]', '{"keys":[]}', '{"keys":[{"id":"x"}]}', good.replace(/"id": ?"./, (text) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`)]) {
    writeFileSync(path, bad)
    vault(executor, ['pin', path], 65)
  }
  assert.equal(spawnSync('ls', [join(executor, 'memory')], { encoding: 'utf8' }).stdout.includes('vault_keys.json'), false)
  vault(executor, ['pin', '-'], 0, good)
  vault(executor, ['pin', '-'], 0, good)
  assert.deepEqual((JSON.parse(readFileSync(join(executor, 'memory', 'vault_keys.json'), 'utf8')) as { keys: unknown[] }).keys.length, 1)
})

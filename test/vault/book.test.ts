import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { lineOf, make } from '#record'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const home = mkdtempSync(join(tmpdir(), 'vanta-book-'))
const run = (tool: string, words: readonly string[], input = ''): { readonly status: number | null; readonly out: string; readonly err: string } => {
  const { status, stdout, stderr } = spawnSync(join(root, 'bin', tool), words, { encoding: 'utf8', input, env: { ...process.env, VANTA_HOME: home } })
  return { status, out: stdout, err: stderr }
}
/** Of a score of 0.58. */
const LOG_ODDS = Math.log(0.58 / 0.42)
const VAULTS = join(home, 'memory', 'vault.json')

test('caps over all vaults are signed, kept as versions, and stop all trading where they were changed', () => {
  assert.equal(run('vanta-vault', ['init', 'core']).status, 0)
  assert.equal(run('vanta-vault', ['book']).status, 1)
  const set = run('vanta-vault', ['book', '--position', '0.1', '--gross', '1.5'])
  assert.equal(set.status, 0, set.err)
  assert.deepEqual((JSON.parse(set.out) as { facts: { caps: unknown } }).facts.caps, { position: '0.1', gross: '1.5', net: '1.00' })
  assert.equal(statSync(join(home, 'secrets', 'vault__book.key')).mode & 0o777, 0o600)
  assert.equal(run('vanta-exec', [], '').status, 0)

  const text = readFileSync(VAULTS, 'utf8')
  writeFileSync(VAULTS, text.replace(/"gross": ?"1.5"/, '"gross":"9.5"'))
  assert.notEqual(readFileSync(VAULTS, 'utf8'), text)
  const at = '2026-01-05T15:00:00.000Z', heard = { at, known_at: at, source: 'test', by: 'test/0', subject: 'ticker:AAA' }
  const records = [
    make('price', { ...heard, type: 'last', price: '10.00', span: '1m', basis: 'as_traded', prior_volume: '1000000' }),
    make('conviction', {
      ...heard, signal_id: '0'.repeat(40), direction: 'up', conviction_score: 0.58, log_odds: LOG_ODDS,
      reason_vector: [{ term: 'test', log_odds: LOG_ODDS, evidence: [] }],
      contributing_models: ['test'], horizon: '5d', ttl: 86_400, routing_tags: [],
    }),
  ]
  const allocations = run('vanta-vault', ['allocate', '--vault', 'core', '--now', at], records.map((record) => `${lineOf(record)}\n`).join('')).out
  assert.match(allocations, /"kind":"allocation"/)
  const refused = run('vanta-exec', ['--now', '2026-01-05T15:00:00Z'], allocations)
  assert.equal(refused.status, 78, refused.err)
  assert.match(refused.err, /changed after they were signed; run vanta-vault book/)

  const again = run('vanta-vault', ['book', '--gross', '1.2'])
  assert.equal((JSON.parse(again.out) as { facts: { seal: { version: number } } }).facts.seal.version, 2)
  assert.equal(run('vanta-exec', ['--now', '2026-01-05T15:00:00Z'], allocations).status, 0)
  assert.equal(run('vanta-vault', ['book', '--off']).status, 0)
  assert.equal(run('vanta-vault', ['book']).status, 1)
  const traded = (): number | null => run('vanta-exec', ['--now', '2026-01-05T15:00:00Z'], allocations).status
  assert.equal(traded(), 0)
  // That there are none is signed too: nobody takes caps away with an editor.
  const off = readFileSync(VAULTS, 'utf8')
  for (const edited of [undefined, null, { off: true }, { position: '9.00', gross: '9.00', net: '9.00' }]) {
    writeFileSync(VAULTS, JSON.stringify({ ...(JSON.parse(off) as object), book: edited }))
    assert.equal(traded(), 78, JSON.stringify(edited))
  }
  writeFileSync(VAULTS, off)
  assert.equal(traded(), 0)
  const kept = readFileSync(join(home, 'logs', 'vaults.ndjson'), 'utf8').split('\n').filter((line) => line.includes('"book_caps"'))
  assert.deepEqual(kept.map((line) => (JSON.parse(line) as { facts: { seal: { version: number } } }).facts.seal.version), [1, 2, 3])
})

test('no vault can be called what the book is, and wrong caps are refused', () => {
  assert.equal(run('vanta-vault', ['init', '_book']).status, 2)
  assert.equal(run('vanta-vault', ['book', '--gross', '-1']).status, 2)
  assert.equal(run('vanta-vault', ['book', '--off', '--gross', '1']).status, 2)
  assert.equal(run('vanta-vault', ['book', 'core']).status, 2)
})

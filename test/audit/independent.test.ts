/** Logs that we wrote, checked by Go's own packages for such logs, which share nothing with ours. Skipped where there is no Go. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fileLogs } from '#adapter/file/logs'
import { publishEntries } from '#domain/audit/bundles'
import { LINES } from '#domain/audit/files'
import { formatVkey } from '#domain/audit/note'
import { formatProof, formatRequest } from '#domain/audit/proof'
import { growthSince, placeOf, proveEntry } from '#domain/audit/published'
import { appendRecords } from '../domain/audit/fixture.ts'
import { needed } from '../needed.ts'
import { nodeNamed, originIn, publishBy, sound, vkeyOf } from './signed_world.ts'

const room = mkdtempSync(join(tmpdir(), 'vanta-independent-'))
after(() => rmSync(room, { recursive: true, force: true }))

/** The verifier, built once; or why it cannot be. */
function verifier(): { readonly program: string } | { readonly missing: string } {
  const missing = needed('go')
  if (missing !== undefined) return { missing }
  const program = join(room, 'independent')
  const source = join(fileURLToPath(new URL('.', import.meta.url)), 'go')
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: source, encoding: 'utf8', env: { ...process.env, GOFLAGS: '', GOWORK: 'off' } })
  if (built.status === 0) return { program }
  assert.ok(!(process.env['VANTA_REQUIRE'] ?? '').split(',').includes('go'), built.stderr)
  return { missing: `the Go verifier could not be built: ${built.stderr.trim().split('\n').at(-1)}` }
}

const alpha = nodeNamed('alpha.example'), markets = nodeNamed('markets.example'), executor = nodeNamed('executor.example')

interface Case {
  readonly folder: string
  readonly lines: string
  readonly vkey: string
  readonly witnesses: readonly string[]
  readonly proofs: readonly string[]
  readonly requests: readonly string[]
  readonly entries: boolean
  readonly every: number
  readonly broken: boolean
}

/** A log that grew through the sizes, published at each; with proofs of some records and of its growth. */
function caseOf(sizes: readonly number[]): Case {
  const home = mkdtempSync(join(room, 'log-'))
  const logs = fileLogs(home, { waits: false })
  const requests: string[] = [], proofs: string[] = []
  for (const [nth, size] of sizes.entries()) {
    // A log begins with a record of its own.
    appendRecords(logs, Math.max(0, (sizes[nth - 1] ?? 1) - 1), size - 1, 4096)
    const signed = publishBy(alpha, logs, [markets, executor])
    for (const old of [0, 1, ...sizes.slice(0, nth + 1), Math.floor(size / 2), size - 1]) {
      const path = join(home, `since-${size}-${old}`)
      writeFileSync(path, formatRequest(sound(growthSince(logs, signed, old))))
      requests.push(path)
    }
    const lines = readFileSync(join(home, LINES), 'utf8').split('\n')
    for (const index of new Set([0, Math.floor(size / 3), size - 1])) {
      const path = join(home, `${size}-${index}.tlog-proof`)
      writeFileSync(path, formatProof(sound(proveEntry(logs, signed, index, Buffer.from(lines[index] ?? '')))))
      proofs.push(path)
    }
    assert.deepEqual(publishEntries(logs, signed), [])
  }
  const last = sizes.at(-1) ?? 0, origin = originIn(logs)
  return {
    folder: join(home, placeOf(origin)), lines: join(home, LINES), vkey: vkeyOf(alpha, origin), witnesses: [markets, executor].map(({ witness }) => formatVkey(witness)),
    proofs, requests, entries: true, every: last > 2000 ? 997 : 1, broken: false,
  }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).map((name) => join(folder, name)).flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]))

/** The same log with one bit changed in one of its published files, which must be noticed. */
function broken(sound: Case, which: (path: string) => boolean): Case[] {
  return filesBelow(sound.folder).filter(which).map((path) => {
    const folder = mkdtempSync(join(room, 'broken-'))
    cpSync(sound.folder, folder, { recursive: true })
    const copy = path.replace(sound.folder, folder), content = readFileSync(copy)
    content.writeUInt8((content[Math.floor(content.length / 2)] ?? 0) ^ 1, Math.floor(content.length / 2))
    writeFileSync(copy, content)
    return { ...sound, folder, broken: true }
  })
}

test("Go's tlog and note accept our checkpoints, cosignatures, tiles, proofs and bundles, at every size, and nothing that was changed", (t) => {
  const built = verifier()
  if ('missing' in built) return t.skip(built.missing)
  const small = Array.from({ length: 18 }, (_, i) => caseOf([i + 1]))
  const grown = [[255, 256, 257], [1, 2, 3, 100, 511, 512, 513, 700], [256, 512], [1000, 1000, 1003], [65_535, 65_536, 65_537, 66_000]].map(caseOf)
  const sample = grown[1]
  assert.ok(sample !== undefined)
  // Partial tiles of sizes that are past stay until the whole one comes; nobody who holds the last checkpoint reads them.
  const isCurrent = (path: string): boolean => !path.includes('.p/') || path.endsWith('.p/188') || path.endsWith('.p/2')
  const cases = [...small, ...grown, ...broken(sample, isCurrent), { ...sample, vkey: vkeyOf(markets, 'elsewhere'), broken: true }]
  const { status, stdout } = spawnSync(built.program, { input: JSON.stringify(cases), encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  assert.equal(stdout, `${cases.length} logs\n`)
  assert.ok(cases.filter((one) => one.broken).length >= 8)
})

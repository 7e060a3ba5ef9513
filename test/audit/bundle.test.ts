/** Bundles: all there is to an order or a span, the same bytes each time, and verified by what comes with them, without Vanta. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Zstd } from '@hpcc-js/wasm-zstd'
import { fileArchive } from '#adapter/file/archive'
import { parseProof, proves } from '#domain/audit/proof'
import type { Fill, Order, Vanta } from '#record'
import { needed } from '../needed.ts'
import { Home, knownAtOf, recordOf, seasonLines } from './replay_world.ts'

const home = new Home(), room = mkdtempSync(join(tmpdir(), 'vanta-bundle-'))
const PAYLOAD = Buffer.from('<ownershipDocument>as it was heard</ownershipDocument>')
let records: readonly Vanta[] = [], lines: readonly string[] = [], raw = ''

after(() => {
  home.remove()
  rmSync(room, { recursive: true, force: true })
})

before(async () => {
  raw = fileArchive(join(home.path, 'logs', 'raw')).keep(PAYLOAD, { tool: 'vanta-sec', name: 'form4.xml', heard_at: '2021-01-04T00:00:00.000Z' })
  const events = (await seasonLines()).map((line) => {
    const record = recordOf(line)
    // What a record was read from is outside its identity.
    return record.kind === 'signal' && record.type === 'form4' ? JSON.stringify({ ...record, raw }) : line
  })
  await home.command('vanta-vault', 'init', 'core', '--cash', '100000')
  const loop = ['vanta-normalize', 'vanta-dedup', 'vanta-decay', 'vanta-synthesize --every 1h --min-log-odds 0.04', 'vanta-rerank --top 20',
    'vanta-vault allocate --priced', 'vanta-exec', 'vanta-pnl', 'vanta-audit append'].join('\n')
  await home.run(loop, events.filter((line) => knownAtOf(line) < '2021-01-08'))
  await home.command('vanta-audit', 'checkpoint')
  lines = home.lines()
  records = lines.map(recordOf)
})

const filled = (): Fill => records.find((record): record is Fill => record.kind === 'fill') as Fill

/** The files of a tape archive by name; every header is held to what the form asks. */
function untar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  let at = 0
  while (archive[at] !== 0) {
    const header = archive.subarray(at, at + 512)
    const text = (from: number, width: number): string => header.toString('latin1', from, from + width).replace(/\0.*$/s, '')
    const size = parseInt(text(124, 12), 8), sum = [...header].reduce((total, byte, nth) => total + (nth >= 148 && nth < 156 ? 32 : byte), 0)
    assert.deepEqual([text(257, 6), parseInt(text(148, 8), 8)], ['ustar', sum])
    files.set(text(0, 100), archive.subarray(at + 512, at + 512 + size))
    at += 512 + Math.ceil(size / 512) * 512
  }
  assert.ok(archive.subarray(at).length >= 1024 && archive.subarray(at).every((byte) => byte === 0))
  return files
}

async function bundle(name: string, ...words: readonly string[]): Promise<Map<string, Buffer>> {
  const path = join(room, name), { answer, said } = await home.command('vanta-audit', 'bundle', ...words, '-o', path)
  assert.equal(answer, 'done')
  assert.match(said[0] ?? '', /records, each proved under the checkpoint of \d+ lines$/)
  return untar(readFileSync(path))
}

/** Without the folder they are in. */
const bare = (files: ReadonlyMap<string, Buffer>): Map<string, Buffer> =>
  new Map([...files].map(([name, content]) => [name.slice(name.indexOf('/') + 1), content]))

const textOf = (files: ReadonlyMap<string, Buffer>, name: string): string => files.get(name)?.toString() ?? ''

const SUMS = ['pnl', 'ranking']

test('the bundle of an order holds what it follows from and what follows from it, proved, with payloads, settings and checksums', async () => {
  const fill = filled(), files = bare(await bundle('order.tar', '--order', fill.client_order_id))
  const bundled = textOf(files, 'records.ndjson').split('\n').slice(0, -1)
  assert.deepEqual(bundled, lines.filter((line) => bundled.includes(line)), 'as they stand in the log, in its order')
  const ids = new Set(bundled.map((line) => recordOf(line).id))
  const states = records.filter((record): record is Order | Fill => 'client_order_id' in record && record.client_order_id === fill.client_order_id)
  assert.ok(states.length >= 4 && states.every(({ id }) => ids.has(id)))
  // Closed: parents of all but sums, children of all that came of the order.
  const came = new Set(states.filter(({ parents }) => !parents.some((id) => states.some((state) => state.id === id))).map(({ id }) => id))
  for (const { id, parents } of records) if (parents.some((parent) => came.has(parent))) came.add(id)
  for (const id of came) assert.ok(ids.has(id))
  for (const { id, kind, parents } of records) {
    if (ids.has(id) && !SUMS.includes(kind)) for (const parent of parents) assert.ok(ids.has(parent), `${kind} ${id}`)
  }
  const kinds = new Set(bundled.map((line) => recordOf(line).kind))
  for (const kind of ['signal', 'belief', 'conviction', 'allocation', 'order', 'fill', 'entry', 'price'] as const) assert.ok(kinds.has(kind), kind)
  assert.ok(!ids.has(records.find((record) => record.kind === 'fill' && record.client_order_id !== fill.client_order_id)?.id ?? ''))
  // The settings that the tools had read, proved like all others, and what this home remembers of them.
  const isSettings = (record: Vanta): boolean => record.kind === 'control' && record.type === 'memory' && record.facts?.['file'] === 'vault.json'
  const settings = bundled.map(recordOf).filter(isSettings)
  assert.deepEqual([...new Set(settings.map(({ source }) => source))].sort(), ['vanta-exec', 'vanta-pnl', 'vanta-vault'])
  assert.match(textOf(files, 'config/vaults.ndjson'), /"seal":\{"version":1,/)
  assert.match(textOf(files, 'config/tools.tsv'), /\tvanta-synthesize\/\S+ --every 1h --min-log-odds 0.04$/m)
  for (const line of bundled) {
    const proof = parseProof(files.get(`proofs/${recordOf(line).id}.tlog-proof`) ?? '')
    assert.ok(typeof proof !== 'string' && proof.entry?.toString() === line && proves(proof, Buffer.from(line)))
    assert.equal(lines[proof.index], line)
  }
  assert.deepEqual(files.get(`raw/${raw}`), PAYLOAD)
  assert.match(textOf(files, 'raw/heard.ndjson'), /"name":"form4.xml"/)
  const report = textOf(files, 'report.html')
  const told = [fill.price, fill.client_order_id, raw.slice(0, 12), 'position 0.10', 'form4', 'of the vault', 'insider']
  for (const part of told) assert.ok(report.includes(part), part)
  const sumOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
  const sums = [...files].slice(0, -1).map(([name, content]) => `${sumOf(content)}  ${name}\n`)
  assert.equal(textOf(files, 'SHA256SUMS'), sums.join(''))
  assert.deepEqual([...files.keys()].slice(0, -1), [...files.keys()].slice(0, -1).sort())
})

test('whichever way an order is named, and however often, the bytes are the same, in every packing', async () => {
  const fill = filled(), first = records.find((record) => record.kind === 'order' && record.client_order_id === fill.client_order_id)
  await bundle('a.tar', '--order', fill.client_order_id)
  const plain = readFileSync(join(room, 'a.tar'))
  for (const id of [fill.client_order_id.slice(0, 12), fill.id, first?.id ?? '']) {
    await bundle('b.tar', '--order', id)
    assert.deepEqual(readFileSync(join(room, 'b.tar')), plain, id)
  }
  for (const name of ['c.tar.zst', 'd.tar.zst', 'e.tar.gz']) await home.command('vanta-audit', 'bundle', '--order', fill.id, '-o', join(room, name))
  assert.deepEqual(readFileSync(join(room, 'd.tar.zst')), readFileSync(join(room, 'c.tar.zst')))
  assert.deepEqual(gunzipSync(readFileSync(join(room, 'e.tar.gz'))), plain)
  assert.deepEqual(Buffer.from((await Zstd.load()).decompress(readFileSync(join(room, 'c.tar.zst')))), plain)
})

test('GNU tar and zstd take the archive', { skip: needed('zstd') ?? needed('tar') }, async () => {
  const fill = filled(), path = join(room, 'f.tar.zst')
  await home.command('vanta-audit', 'bundle', '--order', fill.id, '-o', path)
  const told = spawnSync('zstd', ['-t', path], { encoding: 'utf8' })
  assert.equal(told.status, 0, told.stderr)
  const listed = spawnSync('tar', ['--zstd', '-tf', path], { encoding: 'utf8' })
  assert.equal(listed.status, 0, listed.stderr)
  assert.deepEqual(listed.stdout.trim().split('\n'), [...(await bundle('g.tar', '--order', fill.id)).keys()])
})

test('the bundle of a vault and a span holds its records and what they were made from', async () => {
  const day = filled().known_at.slice(0, 10), files = bare(await bundle('span.tar', '--vault', 'core', '--from', day, '--to', day))
  const ids = new Set(textOf(files, 'records.ndjson').split('\n').slice(0, -1).map((line) => recordOf(line).id))
  const meant = records.filter((record) => 'vault' in record && record.vault === 'core' && record.known_at.startsWith(day))
  assert.ok(meant.length > 5, `only ${meant.length}`)
  for (const { id, kind } of meant) assert.ok(ids.has(id), kind)
  for (const record of records) {
    if (ids.has(record.id) && !SUMS.includes(record.kind)) assert.ok(record.parents.every((id) => ids.has(id)), record.kind)
    if (record.known_at.slice(0, 10) > day) assert.ok(!ids.has(record.id), record.kind)
  }
})

test('what cannot be bundled is said', async () => {
  const out = join(room, 'none.tar'), fill = filled(), belief = records.find(({ kind }) => kind === 'belief')
  const bad: readonly (readonly [RegExp, ...string[]])[] = [
    [/no order 00000000 in the log/, '--order', '00000000', '-o', out],
    [/is no order, but a belief/, '--order', belief?.id ?? '', '-o', out],
    [/expected --order, or some of/, '-o', out],
    [/expected --order, or some of/, '--order', fill.id, '--vault', 'core', '-o', out],
    [/ends in \.tar\.zst/, '--order', fill.id, '-o', join(room, 'none.zip')],
    [/the log holds nothing of vault none/, '--vault', 'none', '-o', out],
    [/--output is required/, '--order', fill.id],
  ]
  for (const [message, ...words] of bad) await assert.rejects(home.command('vanta-audit', 'bundle', ...words), message)
})

test('the program in the bundle proves it on a machine without Vanta, and notices what is changed', { skip: needed('python3') }, async () => {
  const files = bare(await bundle('p.tar', '--order', filled().id))
  const key = /^log (\S+)$/m.exec(textOf(files, 'keys.txt'))?.[1] ?? ''
  const verify = (change: (name: string, content: Buffer) => Buffer | undefined = (_, content) => content, ...keys: readonly string[]) => {
    const folder = mkdtempSync(join(room, 'unpacked-'))
    for (const [name, content] of files) {
      const changed = change(name, content)
      if (changed === undefined) continue
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), changed)
    }
    const { status, stdout, stderr } = spawnSync('python3', ['verify.py', ...keys], { cwd: folder, encoding: 'utf8' })
    return { status, text: stdout + stderr }
  }
  const flip = (name: string | RegExp, at: number) => (one: string, content: Buffer): Buffer => {
    if (typeof name === 'string' ? one !== name : !name.test(one)) return content
    const changed = Buffer.from(content), place = at % changed.length
    changed.writeUInt8((changed[place] ?? 0) ^ 1, place)
    return changed
  }
  const count = textOf(files, 'records.ndjson').trim().split('\n').length
  for (const keys of [[], [key]]) {
    const { status, text } = verify(undefined, ...keys)
    assert.equal(status, 0, text)
    assert.match(text, new RegExp(`^proved: ${count} records stand in the first ${lines.length} lines`))
  }
  const other = `${key.slice(0, key.indexOf('+'))}+00000000+${Buffer.concat([Buffer.from([1]), Buffer.alloc(32, 7)]).toString('base64')}`
  assert.match(verify(undefined, other).text, /NOT PROVED: the checkpoint is not signed/)
  const changes: readonly ((name: string, content: Buffer) => Buffer | undefined)[] = [
    ...[0, 33, 80, 150, 190].map((at) => flip(/^checkpoints\//, at)), ...[3, 999, 5000].map((at) => flip('records.ndjson', at)),
    ...[30, 700, 900, 1100].map((at) => flip(/^proofs\/[0-7]/, at)), flip(`raw/${raw}`, 5),
    (name, content) => (name.startsWith('proofs/a') || name.startsWith('proofs/1') ? undefined : content),
    (name, content) => (name === 'records.ndjson' ? content.subarray(content.indexOf(10) + 1) : content),
  ]
  for (const [nth, change] of changes.entries()) assert.notEqual(verify(change).status, 0, `change ${nth}`)
})

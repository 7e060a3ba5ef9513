/** A home whose log was rotated twice answers as its twin that never was: lineage, proofs, exports, bundles and replays see all of its logs. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileLogs } from '#adapter/file/logs'
import { FOLDER } from '#domain/audit/index/manifest'
import { askIndex } from '#domain/audit/index/store'
import { lineageOf } from '#domain/audit/lineage'
import { parseProof, proves } from '#domain/audit/proof'
import { lineName, partAt, partsOf, WholeLog } from '#domain/audit/whole'
import type { Vanta } from '#record'
import { needed } from '../needed.ts'
import { Home, knownAtOf, recordOf, seasonLines } from './replay_world.ts'

const rotated = new Home(), twin = new Home(), room = mkdtempSync(join(tmpdir(), 'vanta-whole-'))
const LOOP = ['vanta-normalize', 'vanta-dedup --remember', 'vanta-decay', 'vanta-synthesize --every 1h --min-log-odds 0.04', 'vanta-rerank --top 20',
  'vanta-vault allocate --priced', 'vanta-exec', 'vanta-pnl', 'vanta-audit append'].join('\n')
/** Orders of the night are filled in the morning, in the next log. */
const CUTS = ['2021-01-05T10', '2021-01-12T10', '2021-01-13']
const OWN = new Set(['genesis', 'run', 'again', 'carried'])
const isOwn = (record: Vanta): boolean => record.kind === 'control' && OWN.has(record.type)
const logsOf = (home: Home) => fileLogs(join(home.path, 'logs'))

after(() => {
  rotated.remove()
  twin.remove()
  rmSync(room, { recursive: true, force: true })
})

before(async () => {
  const lines = await seasonLines()
  await twin.command('vanta-vault', 'init', 'core', '--cash', '100000')
  cpSync(twin.path, rotated.path, { recursive: true })
  for (const home of [rotated, twin]) {
    for (const [nth, cut] of CUTS.entries()) {
      // The second run hears again all that the first did.
      const from = nth === 2 ? CUTS[1] ?? '' : ''
      await home.run(LOOP, lines.filter((line) => knownAtOf(line) >= from && knownAtOf(line) < cut))
      if (home === rotated) await home.command('vanta-audit', 'checkpoint')
      if (home === rotated && nth < 2) await home.command('vanta-audit', 'rotate')
    }
  }
})

/** What a home's log says, in its order, without what it says of itself; of what it says twice, the first. */
async function exported(home: Home, ...words: readonly string[]): Promise<readonly Vanta[]> {
  return (await home.command('vanta-audit', 'export', ...words)).said.map(recordOf).filter((record) => !isOwn(record))
}

test('three logs, of which two lie in the archive, say what one would have said', async () => {
  const { parts, lost } = partsOf(logsOf(rotated))
  assert.equal(lost, undefined)
  assert.equal(parts.length, 3)
  const all = await exported(rotated)
  assert.deepEqual(all.map(({ id }) => id), (await exported(twin)).map(({ id }) => id))
  assert.ok(all.length > 1000 && all.filter(({ kind }) => kind === 'fill').length > 2)
  for (const words of [['--kind', 'fill,order'], ['--vault', 'core', '--from', '2021-01-05', '--to', '2021-01-11']]) {
    assert.deepEqual((await exported(rotated, ...words)).map(({ id }) => id), (await exported(twin, ...words)).map(({ id }) => id))
  }
  // What was heard again in the second log is not logged again.
  const whole = new WholeLog(logsOf(rotated)), lines = [...whole.selected({})].map(({ record }) => record.id)
  whole.close()
  assert.equal(new Set(lines).size, lines.length)
  const ids = join(room, 'ids')
  writeFileSync(ids, all.map(({ id }) => `${id}\n`).join(''))
  assert.equal((await exported(rotated, '--ids', ids)).length, all.length)
})

test('lineage goes both ways across rotations, as if there had been none', async () => {
  const all = await exported(twin), logs = [rotated, twin].map(logsOf)
  const traced = (id: string): readonly string[] => {
    const [ours, theirs] = logs.map((one) => {
      const found = askIndex(one, (index) => lineageOf(index, id, { up: true, down: true }))
      assert.ok('root' in found, id)
      const name = ({ record, depth }: { readonly record: Vanta; readonly depth: number }): string => `${record.id} ${depth}`
      return { up: found.ancestors.map(name), down: found.descendants.map(name), missing: found.missing }
    })
    assert.deepEqual(ours, theirs, id)
    return [...ours?.up ?? [], ...ours?.down ?? []]
  }
  const parts = partsOf(logs[0] ?? assert.fail()).parts
  const placeOf = new Map<string, number>()
  askIndex(logs[0] ?? assert.fail(), (index) => {
    for (const { id } of all) placeOf.set(id, parts.findIndex((part) => part === partAt(parts, index.find(id)?.line ?? -1)))
  })
  let across = 0
  for (const [nth, { id, kind }] of all.entries()) {
    if (kind !== 'fill' && kind !== 'order' && nth % 41 !== 0) continue
    const places = new Set(traced(id).map((one) => placeOf.get(one.slice(0, 40))))
    if (places.size > 1) across += 1
  }
  assert.ok(across > 2, `only ${across} lineages lie in several logs`)
  for (const { place } of parts.slice(0, -1)) assert.ok(readdirSync(join(rotated.path, 'logs', place, FOLDER)).includes('manifest.json'))
})

test('every record is proved under the last checkpoint of its log, which the proof names', async () => {
  const { parts } = partsOf(logsOf(rotated)), all = await exported(rotated), seen = new Set<string>()
  for (const [nth, { id }] of all.entries()) {
    if (nth % 97 !== 0) continue
    const text = `${(await rotated.command('vanta-audit', 'prove', id)).said[0] ?? ''}\n`, proof = parseProof(text)
    assert.ok(typeof proof !== 'string' && proof.entry !== undefined && proves(proof, proof.entry) && recordOf(proof.entry.toString()).id === id)
    const path = join(room, 'proof')
    writeFileSync(path, text)
    const { answer, said } = await rotated.command('vanta-audit', 'verify', '--proof', path)
    assert.equal(answer, 'done', said[0])
    assert.ok(said[0]?.includes(proof.checkpoint.origin))
    seen.add(proof.checkpoint.origin)
  }
  assert.deepEqual([...seen], parts.map(({ origin }) => origin))
})

test('a bundle holds records of several logs, with their proofs, and its program shows that one goes on from the other', { skip: needed('python3') ?? needed('tar') }, async () => {
  const { parts } = partsOf(logsOf(rotated))
  const path = join(room, 'all.tar'), folder = join(room, 'all')
  // Every record there is.
  const { said } = await rotated.command('vanta-audit', 'bundle', '--from', '2000-01-01', '-o', path)
  assert.equal(said[0]?.match(/the checkpoint of \d+ lines/g)?.length, 3, said[0])
  mkdirSync(folder)
  assert.equal(spawnSync('tar', ['-xf', path, '-C', folder, '--strip-components=1']).status, 0)
  const verify = () => {
    const { status, stdout, stderr } = spawnSync('python3', ['verify.py'], { cwd: folder, encoding: 'utf8' })
    return { status, text: stdout + stderr }
  }
  const { status, text } = verify()
  assert.equal(status, 0, text)
  for (const { origin } of parts) assert.ok(text.includes(` lines of ${origin}, signed by it`), text)
  assert.equal(text.match(/from which the next of these logs goes on/g)?.length, 2, text)
  const bundled = readFileSync(join(folder, 'records.ndjson'), 'utf8').split('\n').slice(0, -1)
  const all = await exported(rotated)
  assert.deepEqual(bundled.map(recordOf).filter((record) => !isOwn(record)).map(({ id }) => id), all.map(({ id }) => id))
  // A checkpoint of another log in the place of one; a log that nothing leads to.
  const named = readdirSync(join(folder, 'checkpoints')), [first = '', second = ''] = named, file = join(folder, 'checkpoints', first), was = readFileSync(file)
  writeFileSync(file, readFileSync(join(folder, 'checkpoints', second)))
  assert.notEqual(verify().status, 0)
  writeFileSync(file, was)
  assert.equal(verify().status, 0)
  // Of an order in one log and its fill in the next.
  const fill = all.find(({ kind }) => kind === 'fill')
  assert.ok(fill !== undefined)
  const placesOf = (ids: readonly string[]) => askIndex(logsOf(rotated), (index) => ids.map((id) => partAt(parts, index.find(id)?.line ?? -1)?.place))
  assert.deepEqual(placesOf([fill.id]), [parts[1]?.place])
  assert.ok(placesOf(fill.parents).includes(parts[0]?.place))
  const [ours, theirs] = await Promise.all([rotated, twin].map(async (home) => (await home.command('vanta-audit', 'bundle', '--order', fill.id, '-o', join(room, 'one.tar'))).said[0]))
  assert.match(ours ?? '', /lines, the checkpoint of/)
  assert.equal(ours?.split(';')[0], theirs?.split(';')[0])
})

test('decisions of any of its logs are made anew to the byte', async () => {
  const { answer, said } = await rotated.replay('--all')
  assert.equal(answer, 'done', said.join('\n'))
  assert.match(said.at(-1) ?? '', /^identical: \d+ records of 3 runs/)
  const theirs = await twin.replay('--all')
  assert.equal(theirs.answer, 'done', theirs.said.join('\n'))
  for (const kind of ['fill', 'conviction', 'allocation'] as const) {
    const of = (await exported(rotated, '--kind', kind)), one = of.at(-1) ?? of[0]
    assert.ok(one !== undefined)
    const told = await rotated.replay(one.id)
    assert.equal(told.answer, 'done', told.said.join('\n'))
  }
})

test('a line that is changed in the archive is named, by its number and its log', async () => {
  const logs = logsOf(rotated), whole = new WholeLog(logs), { parts } = whole
  whole.close()
  const [{ place, from, to } = assert.fail()] = parts, all = await exported(rotated)
  const target = all.find(({ kind, id }) => kind === 'conviction' && askIndex(logs, (index) => (index.find(id)?.line ?? to) < to && index.children(id).some(({ line }) => line < to)))
  assert.ok(target !== undefined)
  const line = askIndex(logs, (index) => index.find(target.id)?.line ?? -1)
  const file = join(rotated.path, 'logs', place, 'audit.jsonl'), was = readFileSync(file, 'utf8'), rows = was.split('\n')
  rows[line - from] = (rows[line - from] ?? '').replace(/"horizon":"/, '"horizon":"9')
  writeFileSync(file, rows.join('\n'))
  try {
    const name = lineName(parts, line)
    assert.equal(name, `${place} line ${line - from + 1}`)
    const told = await rotated.command('vanta-audit', 'verify')
    assert.equal(told.answer, 'negative')
    assert.match(told.said[0] ?? '', new RegExp(`^NOT INTACT: ${place}/.*line ${line - from + 1}\\b`))
    await assert.rejects(rotated.command('vanta-audit', 'prove', target.id), /do not lead from line/)
    const replayed = await rotated.replay(target.id)
    assert.equal(replayed.answer, 'negative')
    assert.ok(replayed.said.some((one) => one.includes(`DIFFERS: ${name}`)), replayed.said.join('\n'))
  } finally {
    writeFileSync(file, was)
  }
  assert.equal((await rotated.command('vanta-audit', 'verify')).answer, 'done')
})

test('where an older log is not in the archive, what is not seen is said, and an export does not pass for whole', async () => {
  const { parts } = partsOf(logsOf(rotated)), [oldest = assert.fail()] = parts
  const from = join(rotated.path, 'logs', oldest.place), to = join(dirname(rotated.path), `${rotated.path.split('/').at(-1)}-away`)
  renameSync(from, to)
  try {
    assert.equal(partsOf(logsOf(rotated)).lost?.origin, oldest.origin)
    assert.equal((await rotated.command('vanta-audit', 'export', '--kind', 'fill')).answer, 'negative')
    const lost: string[] = []
    askIndex(logsOf(rotated), (index) => index.find('0'.repeat(40)), { lost: ({ origin }) => void lost.push(origin) })
    assert.deepEqual(lost, [oldest.origin])
    assert.match((await rotated.replay('--all')).said.join('\n'), new RegExp(`DIFFERS: input altered: ${oldest.place}/`))
  } finally {
    renameSync(to, from)
  }
})

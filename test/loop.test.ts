/** The promise of the design: a pipeline run as processes and in one process says the same, to the byte. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, test } from 'node:test'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const scratch = mkdtempSync(join(tmpdir(), 'vanta-loop-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

interface Ran {
  readonly home: string
  readonly out: string
}

function shell(script: string, home: string): string {
  const env = { ...process.env, VANTA_HOME: home, VANTA_NOW: 'stream', PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script], { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 30 })
  assert.equal(status, 0, stderr)
  return stdout
}

function loop(name: string, how: string): Ran {
  const home = join(scratch, name)
  // Keys are of chance: both homes have the same.
  cpSync(join(scratch, 'new'), home, { recursive: true })
  return { home, out: shell(`${how} < ${join(scratch, 'events')}`, home) }
}

let fused: Ran, piped: Ran

before(() => {
  shell(`vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-06 > ${join(scratch, 'events')}`, join(scratch, 'source'))
  shell('vanta-vault init core --cash 100000 --now 2021-01-01', join(scratch, 'new'))
  fused = loop('fused', 'vanta fuse --pipeline pipelines/season.pipe')
  piped = loop('piped', 'vanta pipe pipelines/season.pipe')
})

test('the loop does something: every kind of record from signal to fill is in it', () => {
  for (const kind of ['signal', 'belief', 'conviction', 'allocation', 'order', 'fill', 'entry', 'pnl', 'control']) {
    assert.ok(fused.out.includes(`{"kind":"${kind}"`), kind)
  }
})

test('fused and piped write the same bytes', () => {
  assert.equal(fused.out.length, piped.out.length)
  assert.ok(fused.out === piped.out)
})

test('and leave the same memory and the same logs', () => {
  for (const folder of ['memory', 'logs']) {
    const names = (home: string): string[] => readdirSync(join(home, folder)).filter((name) => !name.endsWith('.lock')).sort()
    assert.deepEqual(names(fused.home), names(piped.home))
    for (const name of names(fused.home)) {
      assert.ok(readFileSync(join(fused.home, folder, name)).equals(readFileSync(join(piped.home, folder, name))), `${folder}/${name}`)
    }
  }
})

test('parents come before children, ids are unique, and nothing was made from what was not yet known', () => {
  const knownAt = new Map<string, string>()
  for (const line of readFileSync(join(fused.home, 'logs', 'audit.jsonl'), 'utf8').trimEnd().split('\n')) {
    const record = JSON.parse(line) as { id: string; parents: string[]; known_at: string; kind: string }
    assert.ok(!knownAt.has(record.id), `${record.kind} ${record.id} twice`)
    for (const parent of record.parents) {
      const parentKnownAt = knownAt.get(parent)
      assert.ok(parentKnownAt !== undefined, `${record.kind} ${record.id} comes before its parent ${parent}`)
      assert.ok(parentKnownAt <= record.known_at, `${record.kind} ${record.id} was made at ${record.known_at} from what was known at ${parentKnownAt}`)
    }
    knownAt.set(record.id, record.known_at)
  }
})

test('the audit log verifies, and a fill is traced to the posts or filings behind it', () => {
  assert.match(shell('vanta-audit verify', fused.home), /^intact: \d+ lines, root [0-9a-f]{64}/)
  const fill = fused.out.split('\n').map((line) => (line.startsWith('{"kind":"fill"') ? (JSON.parse(line) as { id: string }).id : undefined)).find((id) => id !== undefined)
  const kinds = shell(`vanta-audit lineage ${fill}`, fused.home).trimEnd().split('\n').map((line) => JSON.parse(line) as { kind: string; type?: string })
  for (const kind of ['fill', 'order', 'allocation', 'conviction', 'belief', 'signal']) assert.ok(kinds.some((record) => record.kind === kind), kind)
  assert.ok(kinds.some(({ type }) => type === 'post' || type === 'form4'))
})

test('run again, a home adds nothing: every record is known', () => {
  const size = (): number => readFileSync(join(piped.home, 'logs', 'audit.jsonl')).length
  const before = size()
  shell(`vanta-audit append --world replay < ${join(scratch, 'events')} > /dev/null`, piped.home)
  assert.equal(size(), before)
})

/** The built tools as a shell sees them: exit codes, signals, broken pipes, full disks. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { make } from '#record'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const bin = (tool: string): string => join(root, 'bin', tool)
const scratch = mkdtempSync(join(tmpdir(), 'vanta-run-'))
const env = { ...process.env, VANTA_HOME: scratch, PATH: `${join(root, 'bin')}:${process.env['PATH']}` }

const instant = '2021-01-04T14:30:00.000Z'
const line = (n: number): string => JSON.stringify(make('signal', { at: instant, known_at: instant, source: 'test', by: 't/1', type: 'mention', key: `k${n}`, subject: 'ticker:GME' }))
const good = `${line(1)}\n`

interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}
const run = (tool: string, args: string[], input = '', more = {}): Ended => {
  const { status, stdout, stderr } = spawnSync(bin(tool), args, { input, encoding: 'utf8', env: { ...env, ...more }, maxBuffer: 1 << 28 })
  return { status, out: stdout, err: stderr }
}
const shell = (script: string): Ended => {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env, maxBuffer: 1 << 28 })
  return { status, out: stdout, err: stderr }
}

test('a bad line is named, kept, and the rest goes on; the status is 65', () => {
  const reject = join(scratch, 'rejects.ndjson')
  const { status, out, err } = run('vanta-decay', ['--now', instant, '--reject-file', reject], `${good}garbage\n{"kind":"signal"}\n${line(2)}\n`)
  assert.equal(status, 65)
  assert.equal(out.trimEnd().split('\n').length, 2)
  assert.match(err, /vanta-decay: stdin:2: not JSON/)
  assert.match(err, /stdin:3: field "id": expected a record id/)
  const kept = readFileSync(reject, 'utf8').trimEnd().split('\n').map((text) => JSON.parse(text) as { place: string; line: string })
  assert.deepEqual(kept.map(({ place, line }) => [place, line]), [['stdin:2', 'garbage'], ['stdin:3', '{"kind":"signal"}']])
})

test('--on-error fail stops at once, skip only counts, and a reject file that cannot be written is loud', () => {
  const input = `garbage\n${good}`
  const failed = run('vanta-decay', ['--now', instant, '--on-error', 'fail'], input)
  assert.deepEqual([failed.status, failed.out], [65, ''])
  const skipped = run('vanta-decay', ['--now', instant, '--on-error', 'skip'], input)
  assert.equal(skipped.status, 0)
  assert.match(skipped.err, /1 bad line skipped/)
  assert.equal(run('vanta-decay', ['--reject-file', '/dev/full/x'], input).status, 73)
})

test('usage errors are one line, a hint and status 2; a bad config file is 78', () => {
  const wrong = run('vanta-decay', ['--half-life', 'soon'])
  assert.equal(wrong.status, 2)
  assert.match(wrong.err, /^vanta-decay: --half-life: expected a duration.*\nTry 'vanta-decay --help'\.\n$/)
  assert.equal(run('vanta-decay', ['no-such-file.ndjson']).status, 2)
  const config = join(scratch, 'config.json')
  writeFileSync(config, '{"decay": 1}')
  assert.equal(run('vanta-decay', [], '', { VANTA_CONFIG: config }).status, 78)
})

test('help and version go to stdout with status 0, even of a broken setup', () => {
  assert.match(run('vanta-decay', ['--help']).out, /^vanta-decay: /)
  assert.match(run('vanta-decay', ['-V']).out, /^vanta-decay \d+\.\d+\.\d+\n$/)
  assert.equal(run('vanta', ['decay', '--help']).out, run('vanta-decay', ['--help']).out)
  assert.equal(run('vanta', ['no-such-tool']).status, 2)
})

test('`vanta x` runs a vanta-x of anyone from the PATH, with its status', () => {
  const folder = mkdtempSync(join(scratch, 'path-'))
  writeFileSync(join(folder, 'vanta-guest'), '#!/bin/sh\necho "guest $1"; exit 9\n', { mode: 0o755 })
  const { status, out } = run('vanta', ['guest', 'word'], '', { PATH: `${folder}:${env.PATH}` })
  assert.deepEqual([status, out], [9, 'guest word\n'])
})

test('a reader that leaves is no error', () => {
  const many = join(scratch, 'many.ndjson')
  writeFileSync(many, Array.from({ length: 50_000 }, (_, n) => `${line(n)}\n`).join(''))
  const { out, err } = shell(`vanta-decay --now ${instant} ${many} | head -1 | wc -l; echo \${PIPESTATUS[0]}`)
  assert.deepEqual([out.trim().split(/\s+/), err], [['1', '0'], ''])
  // Of a stream too, with a group and without: what was not written is not done with.
  for (const words of ['', '--group g']) {
    const stream = shell(`vanta-beam --to file:many ${many}; vanta-beam --from file:many ${words} --until now | head -1 | wc -l; echo \${PIPESTATUS[0]}`)
    assert.deepEqual([stream.out.trim().split(/\s+/), stream.err], [['1', '0'], ''], words)
  }
})

test('a full disk is an error with status 73', { skip: existsSync('/dev/full') ? false : 'no /dev/full here' }, () => {
  const { out, err } = shell(`vanta-decay --now ${instant} ${join(scratch, 'many.ndjson')} > /dev/full; echo status $?`)
  assert.match(err, /cannot write to stdout: ENOSPC/)
  assert.match(out, /status 73/)
})

test('SIGTERM: what was read is written, then the status is that of the signal', async () => {
  const child = spawn(bin('vanta-decay'), ['--now', instant], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stdin.write(good)
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
  child.kill('SIGTERM')
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.once('exit', (...end) => resolve(end)))
  assert.deepEqual([code, signal], [null, 'SIGTERM'])
  assert.equal(out.trimEnd().split('\n').length, 1)
})

test('records come out as they came in but for what was noted', () => {
  const odd = line(1).replace('{', '{ "huge": 12345678901234567890,')
  const { out } = run('vanta-decay', ['--now', instant], `${odd}\r\n`)
  assert.ok(out.startsWith(odd.slice(0, -1)), out)
})

test('gzip files are read, and several files one after another', () => {
  const packed = join(scratch, 'packed.ndjson.gz')
  shell(`printf '%s\\n' '${line(7)}' | gzip > ${packed}`)
  writeFileSync(join(scratch, 'plain.ndjson'), good)
  assert.equal(run('vanta-decay', ['--now', instant, packed, join(scratch, 'plain.ndjson')]).out.trimEnd().split('\n').length, 2)
})

test('diagnostics as JSON lines, to stderr or a file', () => {
  const file = join(scratch, 'diagnostics.log')
  const early = `${good.replaceAll('2021', '2031')}`
  run('vanta-decay', ['--now', instant, '--log-file', file], early)
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n')) assert.equal((JSON.parse(text) as { tool: string }).tool, 'vanta-decay')
})

/** Logs are put away while they are written and read: no line is lost, doubled or out of order, whatever is killed; evidence is not touched. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { thisMachine } from '#adapter/file/machine'
import { firstMoment, isRotated, packedName, partOf, partsOfLog, rotatedName } from '#domain/operate/rotation'

const root = join(import.meta.dirname, '..', '..'), room = mkdtempSync(join(tmpdir(), 'vanta-rotate-'))
after(() => rmSync(room, { recursive: true, force: true }))
let nth = 0
function newHome(): string {
  const home = join(room, `home${++nth}`)
  mkdirSync(join(home, 'logs', 'rejects'), { recursive: true })
  return home
}
const vanta = (home: string, ...words: readonly string[]) =>
  spawnSync(join(root, 'bin', 'vanta'), words, { env: { ...process.env, VANTA_HOME: home }, encoding: 'utf8', maxBuffer: 1 << 28 })
const linux = existsSync('/proc/self/fd') ? false : 'who has a file open is told on Linux only'

test('law: a name tells which log a part is of and when it was put away, and parts are told in that order, each once', () => {
  const log = fc.constantFrom('executor_diagnostics.log', 'x.log', 'rejects/vanta-decay.ndjson'), at = fc.integer({ min: 0, max: 4e12 })
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(log, at, fc.constantFrom('plain', 'packed', 'both')), { selector: (one) => `${one[0]}${one[1]}` }), (all) => {
    const files = all.flatMap(([name, ms, state]) => {
      const file = rotatedName(name, ms)
      return state === 'plain' ? [file] : state === 'packed' ? [packedName(file)] : [packedName(file), file]
    })
    for (const name of new Set(all.map(([one]) => one))) {
      const own = all.filter(([one]) => one === name).sort((a, b) => a[1] - b[1])
      assert.deepEqual(partsOfLog(name, files).map(({ atMs, packed }) => [atMs, packed]), own.map(([, ms, state]) => [ms, state === 'packed']))
    }
  }))
  for (const file of ['rotated/.packing.part', 'rotated/audit.jsonl.20260302T120000.000Z', 'x.log.20260302T120000.000Z', 'rotated/x.log']) assert.equal(partOf(file), undefined)
})

test('evidence is never put away', () => {
  for (const name of [
    'audit.jsonl', 'audit.leaves', 'audit.checkpoint', 'trade_log.jsonl', 'ledger.ndjson', 'vaults.ndjson', 'overlay.ndjson', 'runs.ndjson', 'slots.ndjson',
    'witness_refused.ndjson', 'graph.ndjson', 'pnl.ndjson', 'vanta-daily.log', 'vanta-daily-runtime.log', 'raw/vanta-sec.ndjson', 'archive/ab/x.log', '.x.log',
  ]) assert.ok(!isRotated(name), name)
  assert.equal(firstMoment('{"at":"2026-03-02T12:00:00.000Z","event":"x"}'), Date.parse('2026-03-02T12:00:00.000Z'))
  assert.equal(firstMoment('hello'), undefined)
})

test('large and old logs are put away and compressed, others left; told as one, and removed only where that is asked for', { skip: linux }, () => {
  const home = newHome(), logs = join(home, 'logs'), lines = (name: string, at: string, n: number): string => {
    const text = Array.from({ length: n }, (_, i) => `{"at":"${at}","name":"${name}","i":${i}}\n`).join('')
    writeFileSync(join(logs, name), text)
    return text
  }
  const large = lines('large.log', '2026-03-02T11:00:00.000Z', 2000), old = lines('rejects/old.ndjson', '2026-01-01T00:00:00.000Z', 3)
  const young = lines('young.log', '2026-03-02T11:00:00.000Z', 3), trades = lines('trade_log.jsonl', '2020-01-01T00:00:00.000Z', 5000)
  const rotate = (...words: readonly string[]) => vanta(home, 'rotate', '--size', '50000', '--now', '2026-03-02T12:00:00Z', ...words)
  const first = rotate()
  assert.equal(first.status, 0, first.stderr)
  assert.deepEqual(readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((name) => /old|large/.test(name)).sort(),
    ['rotated/large.log.20260302T120000.000Z.zst', 'rotated/rejects/old.ndjson.20260302T120000.000Z.zst'])
  assert.equal(readFileSync(join(logs, 'trade_log.jsonl'), 'utf8'), trades)
  const more = lines('large.log', '2026-03-02T11:30:00.000Z', 1500)
  assert.equal(rotate().status, 0)
  const last = lines('large.log', '2026-03-02T11:40:00.000Z', 2)
  assert.equal(vanta(home, 'logs', 'large.log').stdout, large + more + last)
  assert.equal(vanta(home, 'logs', 'rejects/old.ndjson').stdout, old)
  assert.equal(vanta(home, 'logs', 'young.log').stdout, young)
  assert.match(vanta(home, 'logs').stdout, /^large\.log {2}\(2 put away\)$/m)
  assert.equal(vanta(home, 'logs', 'audit.jsonl').status, 2)
  assert.equal(vanta(home, 'rotate', '--keep', '30d', '--now', '2026-03-20T12:00:00Z').stdout, '')
  assert.match(vanta(home, 'rotate', '--keep', '30d', '--now', '2026-04-20T12:00:00Z').stdout, /removed/)
  assert.equal(vanta(home, 'logs', 'rejects/old.ndjson').stdout, '')
})

test('a writer that has it open goes on with what it has, and only then is it compressed', { skip: linux }, () => {
  const home = newHome(), path = join(home, 'logs', 'x.log'), file = openSync(path, 'a')
  writeSync(file, '{"at":"2026-01-01T00:00:00.000Z","i":1}\n')
  assert.deepEqual(thisMachine.holders(path), [process.pid])
  assert.match(vanta(home, 'rotate').stderr, /is not compressed yet: process \d+ has it open/)
  writeFileSync(path, '{"i":3}\n')
  writeSync(file, '{"i":2}\n')
  const told = '{"at":"2026-01-01T00:00:00.000Z","i":1}\n{"i":2}\n{"i":3}\n'
  assert.equal(vanta(home, 'logs', 'x.log').stdout, told)
  closeSync(file)
  assert.match(vanta(home, 'rotate').stdout, /\.zst$/m)
  assert.equal(vanta(home, 'logs', 'x.log').stdout, told)
})

/** Appends numbered lines, opening the log anew for some hundred each, until it is told to stop. */
const WRITER = `
  const fs = require('fs')
  let i = 0
  process.on('SIGTERM', () => { process.stdout.write(String(i)); process.exit() })
  setInterval(() => {
    const file = fs.openSync(process.argv[1], 'a')
    for (let n = 0; n < 200; n++) fs.writeSync(file, JSON.stringify({ at: '2026-01-01T00:00:00.000Z', i: i++ }) + '\\n')
    fs.closeSync(file)
  }, 3)`

test('law: with a writer and a reader at work and rotations killed, every line is there once, in its order', { skip: linux }, async () => {
  const home = newHome(), path = join(home, 'logs', 'busy.log')
  const writer = spawn(process.execPath, ['-e', WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let written = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => (written += text))
  const rotation = (afterMs: number): Promise<unknown> => new Promise((resolve) => {
    const child = spawn(join(root, 'bin', 'vanta'), ['rotate', '--size', '1'], { env: { ...process.env, VANTA_HOME: home }, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
  const numbers = (): number[] => vanta(home, 'logs', 'busy.log').stdout.split('\n').filter((line) => line.endsWith('}')).map((line) => (JSON.parse(line) as { i: number }).i)
  for (const afterMs of [150, 10_000, 220, 300, 10_000, 260]) {
    await rotation(afterMs)
    const seen = numbers()
    assert.deepEqual(seen, seen.map((_, i) => i), 'a reader sees all of it')
  }
  const ended = new Promise((resolve) => writer.once('close', resolve))
  writer.kill('SIGTERM')
  await ended
  await rotation(60_000)
  const seen = numbers()
  assert.equal(seen.length, Number(written))
  assert.deepEqual(seen, seen.map((_, i) => i))
  assert.ok(readdirSync(join(home, 'logs', 'rotated')).filter((name) => name.startsWith('busy')).every((name) => name.endsWith('.zst')))
})

test('a packing that was cut short is done again; one that is damaged is told', { skip: linux }, () => {
  const home = newHome(), logs = join(home, 'logs')
  const text = '{"at":"2026-01-01T00:00:00.000Z"}\n'.repeat(10)
  writeFileSync(join(logs, 'x.log'), text)
  assert.equal(vanta(home, 'rotate', '--now', '2026-03-02T12:00:00Z').status, 0)
  const packed = join(logs, 'rotated', 'x.log.20260302T120000.000Z.zst'), copy = join(room, 'copy')
  cpSync(packed, copy)
  // Killed between the two: both are there.
  writeFileSync(packed.replace('.zst', ''), text)
  assert.equal(vanta(home, 'logs', 'x.log').stdout, text)
  assert.equal(vanta(home, 'rotate').status, 0)
  assert.ok(!existsSync(packed.replace('.zst', '')))
  assert.equal(vanta(home, 'logs', 'x.log').stdout, text)
  writeFileSync(packed, readFileSync(packed).subarray(0, 20))
  assert.equal(vanta(home, 'logs', 'x.log').status, 65)
  renameSync(copy, packed)
  assert.equal(vanta(home, 'logs', 'x.log').stdout, text)
})

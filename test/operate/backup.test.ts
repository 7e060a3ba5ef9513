/** Backups are states that tools can go on from, taken while they work; a restore is whole or not at all. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileArchive } from '#adapter/file/archive'
import { fileLogs } from '#adapter/file/logs'
import { fileStore } from '#adapter/file/store'
import { isBackedUp, rankOf } from '#domain/operate/backup'
import { haltedBy, OVERLAY_FILE } from '#domain/vault/overlay'
import { make } from '#record'
import { needed } from '../needed.ts'

const root = join(import.meta.dirname, '..', '..'), room = mkdtempSync(join(tmpdir(), 'vanta-backup-')), home = join(room, 'home')
after(() => rmSync(room, { recursive: true, force: true }))

const tool = (name: string): string => join(root, 'bin', name)
const run = (of: string, name: string, ...words: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(tool(name), words, { cwd: root, env: { ...process.env, VANTA_HOME: of }, encoding: 'utf8', maxBuffer: 1 << 28 })
let nth = 0
const fresh = (end = ''): string => join(room, `x${++nth}${end}`)

/** Everything below a folder by path, but locks and what is derived. */
function contentOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !/(^|\/)\.|audit\.index/.test(name) && statSync(join(folder, name)).isFile()).sort()
  return new Map(names.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]))
}

before(() => {
  assert.equal(run(home, 'vanta-backtest', '--data', 'samples/season', '--from', '2020-12-14', '--to', '2020-12-17').status, 0)
  assert.equal(run(home, 'vanta-vault', 'init', 'second', '--cash', '1000').status, 0)
  assert.equal(run(home, 'vanta-audit', 'key', 'alpha.example').status, 0)
  assert.equal(run(home, 'vanta-audit', 'rotate').status, 0)
  fileArchive(join(home, 'logs', 'raw')).keep(Buffer.from('as it was heard'), { tool: 'vanta-sec', name: 'x', heard_at: '2021-01-04T00:00:00.000Z' })
  rmSync(join(home, 'report.html'), { force: true })
})

test('what comes back is what was there, secrets and all where they are asked for; decisions follow from it as before', () => {
  const archive = fresh('.tar.zst'), again = fresh()
  const backup = run(home, 'vanta', 'backup', '-o', archive, '--secrets')
  assert.equal(backup.status, 0, backup.stderr)
  assert.equal(statSync(archive).mode & 0o777, 0o600)
  const restore = run(again, 'vanta', 'restore', archive, '--keep-switch', '--sample', '2')
  assert.equal(restore.status, 0, restore.stdout + restore.stderr)
  const noted = (content: Map<string, string>): Map<string, string> => {
    content.delete('logs/executor_diagnostics.log')
    return content
  }
  assert.deepEqual(noted(contentOf(again)), noted(contentOf(home)))
  assert.equal(run(again, 'vanta-audit', 'verify').stdout, run(home, 'vanta-audit', 'verify').stdout)
  for (const folder of ['secrets', 'memory', 'logs']) assert.equal(statSync(join(again, folder)).mode & 0o77, 0)
})

test('no secret is in it unless it is asked for, and a home that came back sends nothing until someone says so', () => {
  const archive = fresh('.tar'), again = fresh()
  assert.equal(run(home, 'vanta', 'backup', '-o', archive).status, 0)
  const bytes = readFileSync(archive)
  for (const name of readdirSync(join(home, 'secrets')).filter((one) => !one.startsWith('.'))) {
    assert.ok(!bytes.includes(readFileSync(join(home, 'secrets', name))) && !bytes.includes(name), name)
  }
  assert.equal(run(again, 'vanta', 'restore', archive).status, 0)
  const status = JSON.parse(run(again, 'vanta', 'status', '--json').stdout) as { orders: { halted: string } }
  assert.match(status.orders.halted, /restored from a backup of /)
  assert.ok(!existsSync(join(again, 'secrets')) && existsSync(join(again, 'logs', 'raw')))
  const without = fresh('.tar'), third = fresh()
  assert.equal(run(home, 'vanta', 'backup', '-o', without, '--without-raw').status, 0)
  assert.equal(run(third, 'vanta', 'restore', without).status, 0)
  assert.ok(!existsSync(join(third, 'logs', 'raw')))
})

test('nothing is overwritten: neither an archive nor a home', () => {
  const archive = fresh('.tar.zst'), taken = fresh()
  writeFileSync(archive, 'mine')
  assert.equal(run(home, 'vanta', 'backup', '-o', archive).status, 77)
  assert.equal(readFileSync(archive, 'utf8'), 'mine')
  const good = fresh('.tar.zst')
  assert.equal(run(home, 'vanta', 'backup', '-o', good).status, 0)
  mkdirSync(join(taken, 'memory'), { recursive: true })
  assert.equal(run(taken, 'vanta', 'restore', good).status, 77)
  assert.deepEqual(readdirSync(taken), ['memory'])
  assert.equal(run(home, 'vanta', 'backup', '-o', fresh('.zip')).status, 2)
  assert.equal(run(fresh(), 'vanta', 'restore', fresh('.tar')).status, 2)
})

test('an archive that was changed or cut off gives no home', () => {
  const good = fresh('.tar')
  assert.equal(run(home, 'vanta', 'backup', '-o', good).status, 0)
  const size = statSync(good).size
  const harms: readonly (readonly [string, (path: string) => void])[] = [
    ['cut off', (path) => truncateSync(path, Math.floor(size / 2))],
    ['without its end', (path) => truncateSync(path, size - 1024)],
    ['a digit of a file changed', (path) => writeFileSync(path, Buffer.from(readFileSync(path, 'latin1').replace('"capital": "1000.00"', '"capital": "9000.00"'), 'latin1'))],
    ['no archive', (path) => writeFileSync(path, 'hello')],
    ['of something else', (path) => assert.equal(spawnSync('tar', ['cf', path, '-C', join(home, 'memory'), '.']).status ?? 0, 0)],
  ]
  for (const [harm, act] of harms) {
    const bad = fresh('.tar'), again = fresh()
    cpSync(good, bad)
    act(bad)
    const { status, stderr } = run(again, 'vanta', 'restore', bad)
    assert.equal(status, 65, `${harm}: ${stderr}`)
    assert.ok(!existsSync(again), harm)
  }
})

test('taken while the log grows and memory is written, each is a state that all checks hold of', async () => {
  const busy = fresh()
  cpSync(home, busy, { recursive: true })
  const appender = spawn(tool('vanta-audit'), ['append'], { cwd: root, env: { ...process.env, VANTA_HOME: busy }, stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = new Promise((resolve) => appender.once('exit', resolve))
  const store = fileStore(join(busy, 'memory'))
  let count = 0, isOver = false
  const feed = setInterval(() => {
    for (let i = 0; i < 50; i++) {
      const at = new Date(Date.UTC(2026, 0, 1) + ++count * 1000).toISOString()
      appender.stdin.write(`${JSON.stringify(make('control', { type: 'note', at, known_at: at, source: 'test', by: 'test/1', facts: { count } }))}\n`)
    }
    store.write('witness.json', { seen: count }, store.read('witness.json')?.version ?? 0)
  }, 5)
  const backups: string[] = []
  try {
    for (let i = 0; i < 2; i++) {
      const archive = fresh('.tar.zst')
      const child = spawn(tool('vanta'), ['backup', '-o', archive], { cwd: root, env: { ...process.env, VANTA_HOME: busy }, stdio: 'ignore' })
      assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
      backups.push(archive)
    }
  } finally {
    isOver = true
    clearInterval(feed)
    appender.stdin.end()
  }
  assert.ok(isOver && await ended === 0)
  let lines = 0
  for (const archive of backups) {
    const again = fresh()
    const restore = run(again, 'vanta', 'restore', archive, '--sample', '0')
    assert.equal(restore.status, 0, restore.stdout)
    assert.doesNotMatch(restore.stdout, /fail|warn {2}logs/)
    const grown = readFileSync(join(again, 'logs', 'audit.jsonl'), 'utf8').split('\n').length
    assert.ok(grown >= lines)
    lines = grown
  }
})

test('it waits for a run of the executor to end, and says so where it did not', () => {
  const release = fileLogs(join(home, 'logs')).lock('trade_log.jsonl')
  try {
    const { status, stderr } = run(home, 'vanta', 'backup', '-o', fresh('.tar'), '--wait', '300ms')
    assert.equal(status, 0)
    assert.match(stderr, /orders were traded meanwhile/)
  } finally {
    release()
  }
})

/** Run it, and kill it where it has not ended after so long. */
function killed(of: string, words: readonly string[], afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(tool('vanta'), words, { cwd: root, env: { ...process.env, VANTA_HOME: of }, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Of a process that takes about half a second. */
const KILLS_MS = [90, 150, 220, 330, 500]

test('killed anywhere, a backup leaves no archive or a whole one, a restore no home or a whole one, and the next attempt is whole', async () => {
  const archive = fresh('.tar.zst'), again = fresh()
  for (const ms of KILLS_MS) {
    await killed(home, ['backup', '-o', archive], ms)
    if (!existsSync(archive)) continue
    // Killed between giving it its name and the end, or not in time.
    const whole = fresh(), restored = run(whole, 'vanta', 'restore', archive)
    assert.equal(restored.status, 0, restored.stdout + restored.stderr)
    rmSync(whole, { recursive: true })
    rmSync(archive)
  }
  if (!existsSync(archive)) assert.equal(run(home, 'vanta', 'backup', '-o', archive).status, 0)
  for (const ms of KILLS_MS) {
    await killed(again, ['restore', archive, '--sample', '0'], ms)
    if (!existsSync(again)) continue
    // It stands under its name only once it is whole; what was cut off are the checks.
    assert.equal(run(again, 'vanta-audit', 'verify').status, 0)
    rmSync(again, { recursive: true })
  }
  rmSync(again, { recursive: true, force: true })
  assert.equal(run(again, 'vanta', 'restore', archive).status, 0)
})

test('killed as soon as the home has its name, a restore has thrown the switch already', async () => {
  const archive = fresh('.tar'), again = fresh()
  assert.equal(run(home, 'vanta', 'backup', '-o', archive).status, 0)
  const child = spawn(tool('vanta'), ['restore', archive, '--sample', '0'], { cwd: root, env: { ...process.env, VANTA_HOME: again }, stdio: 'ignore' })
  const look = setInterval(() => existsSync(again) && child.kill('SIGKILL'), 1)
  await new Promise((resolve) => child.once('exit', resolve))
  clearInterval(look)
  const overlay = JSON.parse(readFileSync(join(again, 'memory', OVERLAY_FILE), 'utf8')) as unknown
  assert.match(haltedBy(overlay)?.why ?? 'may be sent', /restored from a backup of /)
})

test('other programs read it: tar, zstd and sha256sum', { skip: needed('zstd') ?? needed('tar') ?? needed('sha256sum') ?? false }, () => {
  const archive = fresh('.tar.zst'), place = fresh()
  assert.equal(run(home, 'vanta', 'backup', '-o', archive).status, 0)
  mkdirSync(place)
  assert.equal(spawnSync('sh', ['-c', `zstd -qdc ${archive} | tar x -C ${place} && cd ${place} && sha256sum --quiet -c SHA256SUMS`]).status, 0)
})

test('what says that something is done is read before what it speaks of', () => {
  const order = [
    'bus/signals~refine.group', 'memory/ledger.json', 'logs/audit.checkpoint', 'logs/audit.leaves', 'logs/audit.jsonl', 'logs/trade_log.jsonl', 'logs/raw/vanta-sec.ndjson',
    'logs/raw/ab/abcd.gz',
  ]
  for (const [i, path] of order.entries()) assert.ok(i === 0 || rankOf(path) >= rankOf(order[i - 1] ?? ''), path)
  assert.ok(rankOf('memory/ledger.json') < rankOf('bus/signals.ndjson') && rankOf('logs/ledger.ndjson') < rankOf('logs/trade_log.jsonl'))
  const all = { secrets: true, payloads: true }
  for (const path of ['logs/.audit.lock/3', 'memory/.vault.json.12-1.tmp', 'logs/audit.index/manifest', 'bus/.x.lock/1']) assert.ok(!isBackedUp(path, all), path)
  for (const path of ['logs/audit.jsonl.torn-12', 'logs/archive/ab/audit.jsonl', 'secrets/bus']) assert.ok(isBackedUp(path, all), path)
  assert.ok(!isBackedUp('secrets/bus', { secrets: false, payloads: true }) && !isBackedUp('logs/raw/x.ndjson', { secrets: true, payloads: false }))
})

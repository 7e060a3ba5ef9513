/** Checks of a node: each way of harming a home is noticed by the check that is meant for it, and by no other. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { conclusionOf, findingLines, type Finding } from '#domain/operate/diagnosis/finding'
import { clockFinding, isAtLeast, programFindings, skewFinding } from '#domain/operate/diagnosis/machine'
import { permissionFinding } from '#domain/operate/diagnosis/permissions'
import { paintWith } from '#domain/operate/paint'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'vanta-diagnostics-'))
const whole = join(folder, 'whole')
after(() => rmSync(folder, { recursive: true, force: true }))

const run = (home: string, tool: string, ...words: readonly string[]) =>
  spawnSync(join(root, 'bin', tool), words, { cwd: root, env: { ...process.env, VANTA_HOME: home }, encoding: 'utf8', maxBuffer: 1 << 28 })

interface Told {
  readonly status: number | null
  readonly amiss: readonly string[]
}

function diagnosed(home: string, ...words: readonly string[]): Told {
  const { status, stdout, stderr } = run(home, 'vanta-diagnostics', '--json', ...words)
  assert.equal(stderr, '')
  const findings = stdout.trim().split('\n').map((line) => JSON.parse(line) as Finding).filter(({ check }) => check !== 'disk')
  return { status, amiss: findings.filter(({ level }) => level !== 'ok').map(({ level, check }) => `${level} ${check}`) }
}

before(() => {
  assert.equal(run(whole, 'vanta-backtest', '--data', 'samples/season', '--from', '2020-12-14', '--to', '2020-12-17').status, 0)
  assert.equal(run(whole, 'vanta-vault', 'init', 'second', '--cash', '1000').status, 0)
  assert.equal(run(whole, 'vanta-audit', 'key', 'alpha.example').status, 0)
})

let nth = 0
function copy(): string {
  const home = join(folder, `home${++nth}`)
  cpSync(whole, home, { recursive: true, preserveTimestamps: true })
  // Node 22 makes the folders of a copy anew, for everyone to read.
  chmodSync(join(home, 'secrets'), 0o700)
  return home
}
const edit = (path: string, change: (text: string) => string): void => writeFileSync(path, change(readFileSync(path, 'utf8')))

test('a whole home: nothing is amiss, decisions are made anew, and a trader notes it', () => {
  const home = copy()
  const { status, stdout } = run(home, 'vanta-diagnostics', '--json', '--sample', '2')
  assert.equal(status, 0, stdout)
  const replays = stdout.trim().split('\n').map((line) => JSON.parse(line) as Finding).filter(({ check }) => check === 'replay')
  assert.equal(replays.length, 2)
  for (const { level, detail } of replays) assert.match(`${level} ${detail}`, /^ok identical: (order|allocation|conviction) /)
  const noted = JSON.parse(readFileSync(join(home, 'logs', 'executor_diagnostics.log'), 'utf8').trim().split('\n').at(-1) ?? '') as { event: string; conclusion: string }
  assert.deepEqual([noted.event, noted.conclusion], ['diagnostics', 'done'])
})

const HARMS: readonly (readonly [harm: string, told: Told, act: (home: string) => void])[] = [
  ['a figure in the middle of the record is changed', { status: 1, amiss: ['fail audit log'] }, (home) =>
    edit(join(home, 'logs', 'audit.jsonl'), (text) => text.replace(/"close":"(\d)/, (_, digit) => `"close":"${(Number(digit) % 9) + 1}`))],
  ['the checkpoint is gone', { status: 1, amiss: ['fail audit log'] }, (home) => rmSync(join(home, 'logs', 'audit.checkpoint'))],
  ['a fill is taken out of the trade log', { status: 1, amiss: ['fail books'] }, (home) =>
    edit(join(home, 'logs', 'trade_log.jsonl'), (text) => text.replace(/^\{"kind":"fill".*\n/m, ''))],
  ['the books are of another shape', { status: 1, amiss: ['fail memory', 'fail books'] }, (home) => edit(join(home, 'memory', 'ledger.json'), (text) => {
    const { vaults, ...rest } = JSON.parse(text) as { vaults: { [name: string]: unknown } }
    return JSON.stringify({ ...rest, vaults: Object.fromEntries(Object.keys(vaults).map((name) => [name, {}])) })
  })],
  ['a log was cut off', { status: 0, amiss: ['warn logs'] }, (home) => appendFileSync(join(home, 'logs', 'vaults.ndjson'), '{"kind":"vau')],
  ['a tail was set aside', { status: 0, amiss: ['warn logs'] }, (home) => writeFileSync(join(home, 'logs', 'pnl.ndjson.torn-7'), 'x')],
  ['a run is taken out of the registry', { status: 1, amiss: ['fail runs'] }, (home) => writeFileSync(join(home, 'logs', 'runs.ndjson'), '')],
  ['settings are edited', { status: 78, amiss: ['fail vault settings'] }, (home) =>
    edit(join(home, 'memory', 'vault.json'), (text) => text.replace('"1000.00"', '"9000.00"'))],
  ['settings are no longer signed', { status: 0, amiss: ['warn vault settings'] }, (home) => edit(join(home, 'memory', 'vault.json'), (text) => {
    const { vaults, ...rest } = JSON.parse(text) as { vaults: { [name: string]: { seal?: unknown } } }
    delete vaults['second']?.seal
    return JSON.stringify({ ...rest, vaults })
  })],
  ['a memory file is torn', { status: 1, amiss: ['fail memory'] }, (home) => edit(join(home, 'memory', 'system_risk.json'), (text) => text.slice(0, 40))],
  ['a memory file is of another shape', { status: 1, amiss: ['fail memory'] }, (home) =>
    edit(join(home, 'memory', 'system_risk.json'), (text) => text.replace(/"state": "[a-z]+"/, '"state": "fine"'))],
  ['the overlay is gone', { status: 78, amiss: ['fail kill switch'] }, (home) => rmSync(join(home, 'memory', 'vault_overlay.json'))],
  ['the home is of a node that does not trade, and has no switch', { status: 0, amiss: [] }, (home) => {
    writeFileSync(join(home, 'node.json'), '{"role":"markets","bus":"file"}')
    rmSync(join(home, 'memory', 'vault_overlay.json'))
    rmSync(join(home, 'logs', 'trade_log.jsonl'))
    rmSync(join(home, 'logs', 'ledger.ndjson'))
    rmSync(join(home, 'memory', 'ledger.json'))
  }],
  ['the switch was thrown', { status: 0, amiss: ['warn kill switch'] }, (home) => assert.equal(run(home, 'vanta-overlay', 'kill', '--reason', 'drill').status, 0)],
  ['others may read a key', { status: 78, amiss: ['fail permissions', 'fail vault keys'] }, (home) => chmodSync(join(home, 'secrets', 'vault_second.key'), 0o644)],
  ['others may write memory', { status: 78, amiss: ['fail permissions'] }, (home) => chmodSync(join(home, 'memory', 'vault.json'), 0o666)],
  ['the key of a vault is another than was published', { status: 78, amiss: ['fail vault keys'] }, (home) =>
    cpSync(join(home, 'secrets', 'node_alpha.example.key'), join(home, 'secrets', 'vault_second.key'))],
  ['a certificate has ended', { status: 1, amiss: ['fail certificates'] }, (home) => {
    for (const words of [['init'], ['issue', 'markets']]) assert.equal(run(home, 'vanta-keys', ...words, '--now', '2020-01-01T00:00:00Z').status, 0)
  }],
  ['the clock went back a day', { status: 1, amiss: ['fail clock'] }, (home) =>
    utimesSync(join(home, 'memory', 'vault.json'), new Date(Date.now() + 86_400_000), new Date(Date.now() + 86_400_000))],
]

for (const [harm, told, act] of HARMS) {
  test(`noticed: ${harm}`, () => {
    const home = copy()
    act(home)
    assert.deepEqual(diagnosed(home, '--sample', '0'), told)
    rmSync(home, { recursive: true })
  })
}

test('what was decided cannot be changed unnoticed: the sample is no longer the same', () => {
  const home = copy()
  edit(join(home, 'logs', 'audit.jsonl'), (text) => {
    const lines = text.split('\n'), last = lines.findLastIndex((line) => line.startsWith('{"kind":"conviction"'))
    return lines.map((line, i) => (i === last ? line.replace(/"ttl":(\d)/, (_, digit) => `"ttl":${(Number(digit) % 9) + 1}`) : line)).join('\n')
  })
  const { status, amiss } = diagnosed(home, '--sample', '3')
  assert.equal(status, 1)
  assert.ok(amiss.includes('fail audit log') && amiss.includes('fail replay'), amiss.join())
})

test('a check leaves the home as it was but for its note and the index of the log', () => {
  const home = copy(), list = (): readonly string[] => readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => !name.includes('audit.index')).sort()
  const read = (): readonly string[] => list().filter((name) => existsSync(join(home, name)) && !/diagnostics|\.lock/.test(name) && /\.(json|jsonl|ndjson|leaves)$/.test(name))
    .map((name) => readFileSync(join(home, name)).toString('base64'))
  const [names, content] = [list(), read()]
  assert.equal(diagnosed(home, '--sample', '1').status, 0)
  assert.deepEqual(list(), names)
  assert.deepEqual(read(), content)
})

const finding = fc.record({ check: fc.stringMatching(/^[a-z ]{1,12}$/), level: fc.constantFrom('ok', 'warn', 'fail'), detail: fc.string(), remedy: fc.option(fc.string()), misconfigured: fc.boolean() })

test('law: the conclusion is the worst of what failed, warnings aside; every finding has its line', () => {
  fc.assert(fc.property(fc.array(finding), (findings) => {
    const failed = findings.filter(({ level }) => level === 'fail')
    assert.equal(conclusionOf(findings), failed.length === 0 ? 'done' : failed.some(({ misconfigured }) => misconfigured) ? 'config' : 'negative')
    assert.equal(findingLines(findings, undefined, paintWith(false)).length, findings.length + findings.filter(({ remedy }) => remedy !== null).length)
  }))
})

test('law: versions are compared by number', () => {
  const version = fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.nat({ max: 30 }))
  fc.assert(fc.property(version, version, (a, b) => {
    const order = a[0] * 1e6 + a[1] * 1e3 + a[2] - (b[0] * 1e6 + b[1] * 1e3 + b[2])
    assert.equal(isAtLeast(a.join('.'), b.join('.')), order >= 0)
  }))
  assert.ok(isAtLeast('20.20.2', '20.20') && !isAtLeast('20.9.0', '20.20'))
  const [environment, packages] = programFindings({
    node: '18.0.0', platform: 'linux', timeZone: 'UTC', locale: 'en', engine: '>=20.20', wanted: { a: '1.0.0', b: '2.0.0', c: '3.0.0' },
    installed: (name) => ({ a: '1.0.0', b: '2.0.1' })[name],
  })
  assert.deepEqual([environment?.level, environment?.misconfigured], ['fail', true])
  assert.equal(packages?.detail, 'b 2.0.1, not 2.0.0; c is missing')
})

test('law: the clock is behind by as much as the latest stamp is ahead', () => {
  const now = 1_700_000_000_000
  fc.assert(fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 })), (ahead) => {
    const { level } = clockFinding(ahead.map((ms) => ({ what: 'x', ms: now + ms })), now), most = Math.max(0, ...ahead)
    assert.equal(level, most > 60_000 ? 'fail' : most > 2000 ? 'warn' : 'ok')
  }))
})

test('law: a server is off by as much as its time lies before the question or after the answer', () => {
  const asked = 1_700_000_000_000
  fc.assert(fc.property(fc.integer({ min: -2e5, max: 2e5 }), fc.nat({ max: 5000 }), (off, tookMs) => {
    const { level } = skewFinding('redis://x', asked + off, asked, asked + tookMs), away = off < 0 ? -off : Math.max(0, off - tookMs)
    assert.equal(level, away > 60_000 ? 'fail' : away > 2000 ? 'warn' : 'ok')
  }))
})

test('law: a secret that any other may read, and a file that any other may write, is named with what to do', () => {
  const file = fc.record({ path: fc.constantFrom('secrets', 'secrets/a', 'memory', 'memory/a', 'logs/b'), kind: fc.constantFrom('file', 'folder'), mode: fc.nat({ max: 0o777 }), owner: fc.constant(7) })
  fc.assert(fc.property(fc.array(file), (files) => {
    const wrong = files.filter(({ path, mode }) => (mode & (path.startsWith('secrets') ? 0o077 : 0o022)) !== 0)
    const { level, remedy } = permissionFinding(files, 7)
    assert.equal(level, wrong.length > 0 ? 'fail' : 'ok')
    for (const { path } of wrong) assert.ok(remedy?.includes(` ${path}`))
  }))
  assert.equal(permissionFinding([{ path: 'memory', kind: 'folder', mode: 0o700, owner: 8 }], 7).level, 'warn')
})

test('without a home, and with wrong words', () => {
  mkdirSync(join(folder, 'none'))
  assert.deepEqual(diagnosed(join(folder, 'none')), { status: 78, amiss: ['fail kill switch'] })
  assert.equal(run(folder, 'vanta-diagnostics', 'now').status, 2)
  assert.equal(run(folder, 'vanta-diagnostics', '--sample', '-1').status, 2)
})

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import fc from 'fast-check'
import { capabilitiesOf, commandOf, credentialsOf, usesServer } from '#domain/node/job'
import { JOBS, jobsOf } from '#domain/node/jobs'
import { ROLES } from '#domain/node/role'
import { shortestGap, slotsBetween } from '#domain/node/schedule'
import { isPlainPath, serviceOf, siteOf, timerOf, unitKindOf, unitsOf, wordOf } from '#domain/node/units'
import { DAY_MS } from '#record'

const folder = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'systemd')

const filesBelow = (path: string): readonly string[] => readdirSync(join(folder, path)).flatMap((name) => {
  const below = join(path, name)
  return statSync(join(folder, below)).isDirectory() ? filesBelow(below) : [below]
})

/** The settings of a unit's text in order: `Service.User` and what it says. */
function settingsOf(text: string): readonly (readonly [string, string])[] {
  let section = ''
  return text.split('\n').flatMap((line): readonly (readonly [string, string])[] => {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section
    const equals = line.indexOf('=')
    return equals === -1 || line.startsWith('#') ? [] : [[`${section}.${line.slice(0, equals)}`, line.slice(equals + 1)]]
  })
}
const dropInOf = (job: (typeof JOBS)[number], bus: 'file' | 'redis' = 'redis'): ReadonlyMap<string, string> =>
  new Map(settingsOf(unitsOf({ ...siteOf(job.role), bus }).get(`${serviceOf(job)}.d/20-job.conf`) ?? ''))

test('what is in systemd/ is what the table says; `npm run units` writes it', () => {
  const expected = new Map(ROLES.flatMap((role) => [...unitsOf(siteOf(role))]))
  assert.deepEqual([...filesBelow('')].sort(), [...expected.keys()].sort())
  for (const [name, text] of expected) assert.equal(readFileSync(join(folder, name), 'utf8'), text, name)
})

test('nodes that stand on one machine say the same in what they share', () => {
  const said = new Map<string, string>()
  for (const role of ROLES) {
    for (const [name, text] of unitsOf({ role, home: `/srv/${role}`, bus: 'kafka', user: role })) {
      assert.equal(said.get(name) ?? text, text, name)
      said.set(name, text)
    }
  }
})

test('the target of a role wants each of its jobs, and nothing else', () => {
  for (const role of ROLES) {
    const target = settingsOf(unitsOf(siteOf(role)).get(`vanta-${role}.target`) ?? '')
    const wanted = target.filter(([name]) => name === 'Unit.Wants').map(([, value]) => value)
    assert.deepEqual(wanted, jobsOf(role).map((job) => (job.kind === 'timer' ? timerOf(job) : serviceOf(job))))
    for (const name of wanted) {
      const files = unitsOf(siteOf(role))
      assert.ok(files.has(name) || (files.has(name.replace(/@.*\./, '@.')) && files.has(`${name}.d/20-job.conf`)), name)
    }
  }
})

test('a job that leaves the machine for nobody has no network, and no other sees the folder of secrets but for its own key pairs', () => {
  for (const job of JOBS) {
    const needs = capabilitiesOf(job), kind = unitKindOf(job)
    for (const bus of ['file', 'redis'] as const) {
      const own = dropInOf(job, bus)
      assert.equal(own.get('Service.PrivateNetwork') === 'no', ['collector', 'action'].includes(kind) || needs.some((one) => one.startsWith('service:')) ||
        (bus === 'redis' && ([job.reads, job.writes].some((name) => name !== undefined && name !== 'guarded') || needs.includes('serve:features'))), `${job.role} ${job.name} ${bus}`)
    }
    const hidden = dropInOf(job).has('Service.TemporaryFileSystem')
    assert.equal(hidden, !needs.some((one) => one.startsWith('keys:')), job.name)
    assert.equal(hidden && dropInOf(job).get('Service.ReadWritePaths')?.includes('secrets'), false)
  }
})

test('a stream is started by the words of the table, a slot by the orchestrator, which knows them; secrets are those of the table', () => {
  for (const job of JOBS) {
    const [tool = '', ...words] = job.kind === 'stream' ? commandOf(job, 'redis') : ['vanta-orchestrator', '--once', '--job', job.name], own = unitsOf(siteOf(job.role)).get(`${serviceOf(job)}.d/20-job.conf`) ?? ''
    assert.ok(own.includes(`\nExecStart=/opt/vanta/current/bin/${[tool, ...words].join(' ')}\n`), job.name)
    const loaded = settingsOf(own).filter(([name]) => name === 'Service.LoadCredential').map(([, value]) => value)
    assert.deepEqual(loaded, credentialsOf(job, 'redis').map((name) => `${name}:/opt/vanta/secrets/${name}`))
    assert.equal(own.includes('/opt/vanta/features'), capabilitiesOf(job).includes('features'), job.name)
    // Who is joined to a server over TLS sees the certificates, and no other secret.
    const hides = own.includes('TemporaryFileSystem=/opt/vanta/secrets:ro'), joined = usesServer(job, 'redis')
    assert.equal(own.includes('BindReadOnlyPaths=-/opt/vanta/secrets/tls\n'), hides && joined, job.name)
  }
})

test('attempts of a slot are neither refused because of the slots before it nor do they reach into the next', () => {
  for (const job of JOBS) {
    if (job.kind !== 'timer') continue
    const own = dropInOf(job), gapMs = shortestGap(job.schedule)
    const secondsOf = (name: string): number => Number(/^(\d+)s?$/.exec(own.get(name) ?? '')?.[1] ?? NaN)
    if (!own.has('Service.Restart')) {
      assert.equal(own.get('Unit.StartLimitIntervalSec'), '0', job.name)
      continue
    }
    const attempts = secondsOf('Unit.StartLimitBurst')
    assert.ok(attempts * (secondsOf('Service.RestartSec') + secondsOf('Service.TimeoutStartSec')) * 1000 <= gapMs, job.name)
    assert.ok(secondsOf('Unit.StartLimitIntervalSec') * 1000 <= gapMs, job.name)
  }
})

test('the shortest gap is the shortest of those between slots', () => {
  for (const { schedule } of JOBS.flatMap((job) => (job.kind === 'timer' ? [job] : []))) {
    const { session: _, ...calendar } = schedule, slots = [...slotsBetween(calendar, 0, 20 * DAY_MS)]
    assert.equal(shortestGap(schedule), Math.min(...slots.slice(1).map((slotMs, i) => slotMs - (slots[i] ?? 0))))
  }
})

/** What systemd makes of a word of ExecStart= (systemd.service(5), COMMAND LINES; systemd.unit(5), SPECIFIERS), written from the manual. */
function read(word: string): string {
  const inner = word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word
  return inner.replaceAll('%%', '%').replaceAll('$$', '$')
}

test('a word of a command line comes out as it went in', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '%', '{', ';', '-', 'é') }), (word) => {
    assert.equal(read(wordOf(word)), word)
  }))
})

test('a path that units would have to quote is none', () => {
  for (const path of ['/opt/vanta', '/tmp/tmp.aB1_-/x']) assert.ok(isPlainPath(path))
  for (const path of ['opt', '/opt/a b', '/opt/%h', '/opt/$X', '/o"', "/o'", '/o\n']) assert.ok(!isPlainPath(path), path)
})

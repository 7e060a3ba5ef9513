/** `vanta install`: what it lays down, that it can be killed anywhere, and that what was laid down runs. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs, { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import { sha256Of } from '#record/sha256'
import { fileFolder } from '#adapter/file/folder'
import { thisMachine } from '#adapter/file/machine'
import { thisSystem } from '#adapter/file/system'
import { fileLogs } from '#adapter/file/logs'
import { redisAclOf, REDIS_DEFAULT_USER } from '#domain/node/access'
import { jobNamed } from '#domain/node/jobs'
import { ROLES } from '#domain/node/role'
import { RELEASE_FILE, releaseIn } from '#domain/node/release'
import { serviceOf } from '#domain/node/units'
import { Failure } from '#port/failure'
import type { System } from '#port/system'
import type { ActionWorld } from '#tool'
import install from '../../src/operate/vanta/install.ts'

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const folder = mkdtempSync(join(tmpdir(), 'vanta-install-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const fresh = (): string => mkdtempSync(join(folder, 'h-'))
const me = userInfo().username

/** A program of a few files, as a build leaves it. */
function program(version: string): string {
  const root = mkdtempSync(join(folder, 'p-'))
  const files = { 'package.json': `{"version":"${version}"}`, 'bin/vanta': '#!/bin/sh\necho $0\n', 'dist/vanta.cjs': `'${version}'\n`, 'models/m': '1', 'pipelines/p': '2' }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  chmodSync(join(root, 'bin', 'vanta'), 0o755)
  writeFileSync(join(root, RELEASE_FILE), Object.entries(files).map(([path, content]) => `${sha256Of(Buffer.from(content))} ${path.startsWith('bin') ? 'x' : '-'} ${path}\n`).join(''))
  return root
}

interface Asked {
  readonly role?: 'alpha' | 'markets' | 'executor'
  readonly bus?: 'file' | 'redis'
  readonly features?: string
  readonly redisUsers?: string
  readonly rollback?: boolean
  readonly dryRun?: boolean
  readonly changeRole?: boolean
}

/** What it printed. */
function run(home: string, root: string, asked: Asked = {}, system: System = thisSystem): readonly string[] {
  const said: string[] = []
  const world = { home, root, machine: { ...thisMachine, system }, folder: fileFolder(), logsIn: fileLogs, print: (line: string) => void said.push(line) }
  const options = { role: asked.role, bus: asked.bus, features: asked.features, redisUsers: asked.redisUsers, user: me, unitDir: join(home, 'units'), changeRole: asked.changeRole === true, rollback: asked.rollback === true, dryRun: asked.dryRun === true }
  void install.act(options, [], world as Partial<ActionWorld> as ActionWorld, () => undefined)
  return said
}

/** Every path below the home with what stands there; locks left out. */
function tree(home: string, below = ''): readonly string[] {
  return readdirSync(join(home, below), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    const path = join(below, entry.name), mode = (statSync(join(home, path)).mode & 0o777).toString(8)
    if (/^\.install/.test(entry.name)) return []
    if (entry.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(home, path))}`]
    return entry.isDirectory() ? [`${path}/ ${mode}`, ...tree(home, path)] : [`${path} ${mode} ${sha256Of(readFileSync(join(home, path)))}`]
  })
}

const refusedAs = (exit: string, words: RegExp) => (error: unknown): boolean => error instanceof Failure && error.exit === exit && words.test(error.message)

/** The release that counts, whole: every file on its list is as the list says. */
function checkCurrent(home: string): string {
  const current = realpathSync(join(home, 'current'))
  for (const { path, sha256, runs } of releaseIn(readFileSync(join(current, RELEASE_FILE), 'utf8')).files) {
    assert.equal(sha256Of(readFileSync(join(current, path))), sha256, path)
    assert.equal((statSync(join(current, path)).mode & 0o111) !== 0, runs, path)
  }
  return JSON.parse(readFileSync(join(home, 'current', 'package.json'), 'utf8')).version as string
}

test('a dry run touches nothing, and says what the run then does; a second run finds nothing to do', () => {
  const home = fresh(), root = program('1')
  const told = run(home, root, { role: 'markets', dryRun: true })
  assert.deepEqual(readdirSync(home), [])
  const done = run(home, root, { role: 'markets' })
  assert.deepEqual(done.slice(0, told.length - 1), told.slice(0, -1))
  assert.match(told.at(-1) ?? '', /^\d+ steps; a dry run/)
  const before = tree(home)
  assert.deepEqual(run(home, root, { role: 'markets' }), ['nothing to do'])
  assert.deepEqual(run(home, root), ['nothing to do'], 'the home knows its role')
  assert.deepEqual(tree(home), before)
  assert.equal(checkCurrent(home), '1')
  assert.deepEqual(['memory', 'logs', 'bus', 'features', 'secrets'].map((name) => (statSync(join(home, name)).mode & 0o777).toString(8)), ['750', '750', '750', '750', '700'])
})

test('an upgrade goes into the other place and back again, with its units, and leaves what the node remembers alone', () => {
  const home = fresh(), first = program('1'), second = program('2')
  run(home, first, { role: 'alpha', bus: 'redis' })
  writeFileSync(join(home, 'memory', 'vault.json'), '{}')
  writeFileSync(join(home, 'secrets', 'bus'), 'password=x', { mode: 0o600 })
  writeFileSync(join(home, 'units', 'mine.service'), '')
  const unit = join(home, 'units', `${serviceOf(jobNamed('alpha', 'books') ?? assert.fail())}.d/20-job.conf`), onRedis = readFileSync(unit, 'utf8')
  run(home, second, { bus: 'file' })
  assert.equal(checkCurrent(home), '2')
  assert.equal(readlinkSync(join(home, 'current')), 'releases/B')
  assert.notEqual(readFileSync(unit, 'utf8'), onRedis)
  run(home, second, { rollback: true })
  assert.equal(checkCurrent(home), '1')
  assert.equal(readFileSync(unit, 'utf8'), onRedis)
  assert.match(readFileSync(join(home, 'node.json'), 'utf8'), /redis/)
  run(home, second, { rollback: true })
  assert.equal(checkCurrent(home), '2')
  run(home, program('3'), {})
  assert.equal(readlinkSync(join(home, 'current')), 'releases/A')
  assert.equal(readFileSync(join(home, 'memory', 'vault.json'), 'utf8') + readFileSync(join(home, 'secrets', 'bus'), 'utf8'), '{}password=x')
  assert.ok(existsSync(join(home, 'units', 'mine.service')))
})

test('units that are no more go away, and those of the operator stay', () => {
  const home = fresh()
  run(home, program('1'), { role: 'markets' })
  const own = join(home, 'units', 'vanta-markets.target.d', 'mine.conf')
  mkdirSync(dirname(own), { recursive: true })
  writeFileSync(own, '')
  run(home, program('1'), { role: 'executor', changeRole: true })
  const names = readdirSync(join(home, 'units'))
  assert.ok(!names.includes('vanta-markets.target') && names.includes('vanta-executor.target') && existsSync(own))
})

/** The process is gone at the nth thing that it changes; before a file is put, half of it may stand there. */
function dyingAt(nth: number): System {
  let count = 0
  const changes = ['makeFolder', 'write', 'put', 'settle', 'point', 'remove', 'permit', 'run'] as const
  const dying: System = Object.create(thisSystem)
  for (const name of changes) {
    Object.defineProperty(dying, name, { value: (...words: readonly unknown[]): unknown => {
      count += 1
      if (count === nth) {
        if (name === 'put') writeFileSync(String(words[0]), String(words[1]).slice(0, 3))
        if (name === 'remove') rmSync(join(String(words[0]), RELEASE_FILE), { force: true })
        throw new Error('killed')
      }
      return (thisSystem[name] as (...words: readonly unknown[]) => unknown)(...words)
    } })
  }
  return dying
}

/** Files whose text has the path of the home in it. */
const NAMING_HOME = /20-job|vanta-alarm/

for (const what of ['install', 'upgrade', 'rollback'] as const) {
  test(`killed at each step, the ${what} leaves a release that works, and the next run ends it`, (context) => {
    // What a power cut takes is not what is looked at here.
    for (const name of ['fsyncSync', 'fdatasyncSync'] as const) context.mock.method(fs, name, () => undefined)
    const first = program('1'), second = program('2')
    const prepare = (home: string): void => {
      if (what === 'install') return
      run(home, program('0'), { role: 'executor', bus: 'file' })
      run(home, first, { role: 'executor', bus: 'redis' })
      if (what === 'rollback') run(home, second, { bus: 'file' })
    }
    const goal = (home: string, system: System): unknown => (what === 'rollback' ? run(home, second, { rollback: true }, system)
      : run(home, what === 'install' ? first : second, { role: 'executor', bus: what === 'install' ? 'redis' : 'file' }, system))
    const untouched = join(fresh(), 'home')
    prepare(untouched)
    goal(untouched, thisSystem)
    const expected = tree(untouched).filter((line) => !NAMING_HOME.test(line))
    let killed = 0
    for (let nth = 1; ; nth++) {
      const home = join(fresh(), 'home')
      prepare(home)
      const before = what === 'install' ? undefined : checkCurrent(home)
      try {
        goal(home, dyingAt(nth))
      } catch (error) {
        assert.equal((error as Error).message, 'killed')
        killed = nth
      }
      if (killed !== nth) break
      const after = existsSync(join(home, 'current')) ? checkCurrent(home) : undefined
      assert.ok(after === before || after === checkCurrent(untouched), `${nth}`)
      // Going back twice would be going forth: what a rollback left undone, an installation of what counts now, or the rollback, does.
      if (what !== 'rollback' || after === before) goal(home, thisSystem)
      else run(home, first, { bus: 'redis' })
      if (what !== 'rollback') assert.deepEqual(tree(home).filter((line) => !NAMING_HOME.test(line)), expected, `${nth}`)
      assert.equal(checkCurrent(home), checkCurrent(untouched))
      rmSync(dirname(home), { recursive: true })
    }
    assert.ok(killed > (what === 'rollback' ? 3 : 20))
  })
}

test('what it refuses, and why', () => {
  const home = fresh(), root = program('1')
  assert.throws(() => run(home, root), refusedAs('usage', /which role/))
  assert.throws(() => run(home, root, { rollback: true }), refusedAs('refused', /is no node/))
  run(home, root, { role: 'markets' })
  assert.throws(() => run(home, root, { role: 'alpha' }), refusedAs('refused', /is of the role markets/))
  assert.throws(() => run(home, root, { rollback: true }), refusedAs('refused', /releases\/B holds no whole release/))
  writeFileSync(join(root, 'models', 'm'), 'other')
  assert.throws(() => run(fresh(), root, { role: 'markets' }), refusedAs('data', /models\/m is not what the build made/))
  rmSync(join(root, RELEASE_FILE))
  assert.throws(() => run(home, root), refusedAs('config', /build Vanta first/))
  const single = fresh()
  mkdirSync(join(single, 'logs'))
  writeFileSync(join(single, 'logs', 'audit.jsonl'), '')
  assert.throws(() => run(single, program('1'), { role: 'alpha' }), refusedAs('refused', /without a role/))
  const taken = fresh()
  mkdirSync(join(taken, 'bin'))
  assert.throws(() => run(taken, program('1'), { role: 'alpha' }), refusedAs('refused', /bin is no link/))
  assert.deepEqual(readdirSync(taken), ['bin'])
  assert.throws(() => run(join(fresh(), 'a b'), program('1'), { role: 'alpha' }), refusedAs('usage', /paths in units/))
})

test('the access list of the Redis server of this machine: said by a dry run, for its own user alone, kept up with the table, and refused where it is not whole', () => {
  const home = fresh(), root = program('1'), users = join(fresh(), 'users'), file = join(home, 'redis', 'users.acl'), hashOf = (role: string): string => sha256Of(Buffer.from(`of ${role}`))
  writeFileSync(users, ROLES.map((role) => `${role} ${hashOf(role)}\n`).join(''))
  assert.ok(run(home, root, { role: 'alpha', redisUsers: users, dryRun: true }).some((line) => /^file     0600 (root|redis) +/.test(line) && line.endsWith(` ${file}`)))
  const said = run(home, root, { role: 'alpha', redisUsers: users })
  assert.ok(said.some((line) => line.includes(`aclfile ${file}`)))
  const expected = [REDIS_DEFAULT_USER, ...ROLES.map((role) => redisAclOf(role, hashOf(role)))].map((line) => `${line}\n`).join('')
  assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], [expected, 0o600])
  assert.deepEqual(run(home, root), ['nothing to do'])
  // Of an older release, that let a node do something else.
  writeFileSync(file, expected.replaceAll('+xadd', '+xadd +flushall'))
  chmodSync(file, 0o644)
  run(home, program('2'))
  assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], [expected, 0o600])
  // As a server has saved it (ACL SAVE): from Redis 7.2 on with what it says of payloads before the password.
  for (const said of ['on', 'on sanitize-payload']) {
    writeFileSync(file, expected.replaceAll(' on #', ` ${said} #`).replaceAll('+xadd', '+xadd|x'))
    run(home, root)
    assert.equal(readFileSync(file, 'utf8'), expected, said)
  }
  for (const [broken, words] of [
    [expected.replace('vanta-markets on', 'vanta-markets off'), /users\.acl: markets is switched off there/],
    [expected.replace(`#${hashOf('alpha')}`, `#${hashOf('old')} #${hashOf('alpha')}`), /users\.acl: alpha has several passwords/],
  ] as const) {
    writeFileSync(file, broken)
    assert.throws(() => run(home, root), refusedAs('config', words))
  }
  for (const [text, words] of [
    ['', /password of alpha, markets, executor/], [`alpha ${hashOf('a')}\nmarkets ${hashOf('m')}\n`, /password of executor/],
    [ROLES.map((role) => `${role} ${hashOf('same')}\n`).join(''), /one password/], [ROLES.map((role) => `${role} ${hashOf(role).slice(1)}\n`).join(''), /expected lines/],
  ] as const) {
    writeFileSync(users, text)
    assert.throws(() => run(home, root, { redisUsers: users }), refusedAs('usage', words))
  }
  writeFileSync(file, 'user default on nopass\n')
  assert.throws(() => run(home, root), refusedAs('config', /users\.acl: no SHA-256/))
})

test('features in a bucket: who keeps them reaches it, with its keys, and the home remembers', () => {
  const home = fresh(), root = program('1'), bucket = 's3://vanta/features?endpoint=https://objects.example'
  const unit = (name: string): string => readFileSync(join(home, 'units', `${serviceOf(jobNamed('markets', name) ?? assert.fail())}.d/20-job.conf`), 'utf8')
  run(home, root, { role: 'markets', bus: 'file' })
  for (const name of ['ingest', 'compact', 'features']) assert.doesNotMatch(unit(name), /PrivateNetwork=no/)
  run(home, root, { features: bucket })
  for (const name of ['ingest', 'compact', 'features']) assert.match(unit(name), /LoadCredential=s3:[^]*PrivateNetwork=no/, name)
  for (const name of ['convict', 'verify']) assert.doesNotMatch(unit(name), /LoadCredential=s3|PrivateNetwork=no/, name)
  assert.deepEqual(run(home, root), ['nothing to do'])
  assert.match(readFileSync(join(home, 'node.json'), 'utf8'), /"features":"s3:\/\/vanta\/features/)
  run(home, root, { features: 'home' })
  assert.equal(readFileSync(join(home, 'node.json'), 'utf8'), '{"role":"markets","bus":"file"}\n')
  assert.throws(() => run(home, root, { features: '/srv/features' }), refusedAs('usage', /expected s3/))
})

test('whoever installs with a strict umask: the node and the Redis server reach what they are to', (context) => {
  const plain = fresh(), strict = fresh(), root = program('1'), users = join(fresh(), 'users')
  writeFileSync(users, ROLES.map((role) => `${role} ${sha256Of(Buffer.from(role))}\n`).join(''))
  run(plain, root, { role: 'alpha', redisUsers: users })
  const before = process.umask(0o077)
  context.after(() => process.umask(before))
  run(strict, root, { role: 'alpha', redisUsers: users })
  const modes = (home: string): readonly string[] => tree(home).filter((line) => !NAMING_HOME.test(line))
  assert.deepEqual(modes(strict), modes(plain))
})

test('a folder of the home may be kept on another disk', () => {
  const home = fresh(), disk = fresh()
  symlinkSync(disk, join(home, 'logs'))
  run(home, program('1'), { role: 'alpha' })
  assert.equal(readlinkSync(join(home, 'logs')), disk)
  assert.deepEqual(run(home, program('1')), ['nothing to do'])
})

test('a list of a release is taken as it is meant, or not at all', () => {
  const hash = '0'.repeat(64)
  for (const bad of ['', `${hash} - /etc/passwd`, `${hash} - a/../b`, `${hash} - ../b`, `${hash} - a//b`, `${hash} - a/`, `${hash} y a`, `${hash.slice(1)} x a`, 'x']) {
    assert.throws(() => releaseIn(bad), RangeError, bad)
  }
  assert.deepEqual(releaseIn(`${hash} x a/..b/c d\n`).files, [{ path: 'a/..b/c d', sha256: hash, runs: true }])
})

test('what is laid down runs, by the words of its units, from the home alone', () => {
  const home = join(fresh(), 'home'), bin = join(project, 'bin', 'vanta')
  const ran = spawnSync(bin, ['install', '--role', 'alpha', '--bus', 'file', '--home', home, '--user', me, '--unit-dir', join(home, 'units')], { encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stderr)
  const environment = { PATH: process.env['PATH'], VANTA_HOME: home }
  const execute = (name: string): ReturnType<typeof spawnSync> => {
    const text = readFileSync(join(home, 'units', `${serviceOf(jobNamed('alpha', name) ?? assert.fail(name))}.d/20-job.conf`), 'utf8')
    const line = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? '', cwd = /^WorkingDirectory=(.*)$/m.exec(text)?.[1] ?? ''
    assert.ok(line.startsWith(`${home}/current/bin/`))
    return spawnSync('/bin/sh', ['-c', line], { cwd, env: environment, encoding: 'utf8' })
  }
  const prepared = spawnSync(join(home, 'bin', 'vanta-vault'), ['init', 'core'], { env: environment, encoding: 'utf8' })
  assert.equal(prepared.status, 0, prepared.stderr)
  for (const name of ['allocate', 'books']) {
    const { status, stderr } = execute(name)
    assert.equal(status, 0, `${name}: ${String(stderr)}`)
  }
})

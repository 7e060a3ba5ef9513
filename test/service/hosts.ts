/**
 * Three hosts of the test's own: network namespaces on one bridge, each with a home of its own, its role, its certificate and its user of the one
 * server of streams, which takes nobody without both. All of it is gone with the test; the machine's own network is not touched.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { REDIS_DEFAULT_USER, redisAclOf } from '#domain/node/access'
import { formatNode } from '#domain/node/home'
import { commandOf, groupOf, type Job } from '#domain/node/job'
import { jobNamed } from '#domain/node/jobs'
import { ROLES, userOf, type Role } from '#domain/node/role'
import { needed } from '../needed.ts'
import { authority } from './certificates.ts'
import type { Ended } from './process.ts'

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const NETWORK = '10.77.3'
/** Where the server of streams is, for all three. */
export const SERVER = `${NETWORK}.1`, PORT = 6380

function ip(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', words, { encoding: 'utf8' })
  assert.equal(status, 0, `ip ${words.join(' ')}: ${stderr}`)
  return stdout
}

/** Why no hosts can be made here; undefined where they can, or where VANTA_REQUIRE says that they must (`netns`). */
export function noHosts(): string | undefined {
  const missing = needed('redis-server') ?? needed('openssl')
  if (missing !== undefined || (process.env['VANTA_REQUIRE'] ?? '').split(',').includes('netns')) return missing
  const name = `vanta-try-${process.pid}`, made = spawnSync('ip', ['netns', 'add', name]).status === 0
  const linked = made && spawnSync('ip', ['-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two']).status === 0
  const bridged = linked && spawnSync('ip', ['-n', name, 'link', 'add', 'bridge', 'type', 'bridge']).status === 0
  if (made) spawnSync('ip', ['netns', 'del', name])
  return bridged ? undefined : 'no hosts can be made here: that takes root, and network namespaces'
}

/** One that ended in between is gone already. */
function killAll(namespace: string): void {
  for (const pid of ip('netns', 'pids', namespace).split('\n')) if (pid !== '') spawnSync('kill', ['-KILL', pid], { stdio: 'ignore' })
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** Its input is written by whoever began it. */
export const OPEN = Symbol('open')

/** A process in a network namespace, with nothing of this process's settings of Vanta. */
function runIn(namespace: string, words: readonly string[], env: Readonly<Record<string, string>>, input: string | typeof OPEN = ''): Running {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VANTA_'))
  const child = spawn('ip', ['netns', 'exec', namespace, ...words], { cwd: project, env: { ...Object.fromEntries(own), ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  let out = '', err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.on('error', () => undefined)
  if (input !== OPEN) child.stdin.end(input)
  return { child, ended: new Promise((resolve) => void child.once('close', (code) => resolve({ status: code ?? 137, out, err }))) }
}

export class Host {
  readonly role: Role
  readonly home: string
  /** On the network of the hosts. */
  readonly address: string
  readonly #namespace: string
  readonly #env: Readonly<Record<string, string>>

  constructor(role: Role, home: string, namespace: string, address: string) {
    this.role = role
    this.home = home
    this.address = address
    this.#namespace = namespace
    // History is played: what counts as now is the latest that was heard.
    this.#env = { VANTA_HOME: home, VANTA_REDIS: `rediss://${userOf(role)}@${SERVER}:${PORT}`, VANTA_NOW: 'stream' }
  }

  start(tool: string, words: readonly string[], input?: string | typeof OPEN, env: Readonly<Record<string, string>> = {}): Running {
    return runIn(this.#namespace, [join(project, 'bin', tool), ...words], { ...this.#env, ...env }, input)
  }

  run(tool: string, words: readonly string[], input?: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(tool, words, input, env).ended
  }

  /** What it says, of a run that must end well. */
  async said(tool: string, words: readonly string[], input?: string): Promise<string> {
    const { status, out, err } = await this.run(tool, words, input)
    assert.equal(status, 0, `${this.role}: ${tool} ${words.join(' ')}: ${err}`)
    return out
  }

  /** Of the table. */
  jobOf(name: string): Job {
    const job = jobNamed(this.role, name)
    assert.ok(job !== undefined, `${this.role} has no job ${name}`)
    return job
  }

  /** A job of the table: as a timer runs it, what is there is taken; or kept going. */
  job(name: string, { once = true } = {}): Running {
    const [tool = '', ...words] = commandOf(this.jobOf(name), 'redis', { once })
    return this.start(tool, words)
  }

  /** All its processes end at once, as in a power cut. */
  kill(): void {
    killAll(this.#namespace)
  }

  link(state: 'up' | 'down'): void {
    ip('-n', this.#namespace, 'link', 'set', 'eth0', state)
  }

  lines(...path: readonly string[]): readonly string[] {
    return readFileSync(join(this.home, ...path), 'utf8').split('\n').filter((line) => line !== '')
  }

  /** Gives each who asks the text, until it is killed. */
  offers(text: string): Running {
    const server = 'require("net").createServer((to) => to.end(process.env.OFFERED)).listen(7000)'
    return runIn(this.#namespace, [process.execPath, '-e', server], { OFFERED: text })
  }

  /** A tool whose input is what another host offers. */
  hears(from: Host, tool: string, ...words: readonly string[]): Promise<Ended> {
    const fetched = `until exec 3<>/dev/tcp/${from.address}/7000; do sleep 0.05; done 2>/dev/null; exec "$0" "$@" <&3`
    return runIn(this.#namespace, ['bash', '-c', fetched, join(project, 'bin', tool), ...words], this.#env).ended
  }
}

export interface Hosts extends Readonly<Record<Role, Host>> {
  readonly folder: string
  /** The server of streams, as by a power cut; what it said it had is on disk. */
  killServer(): Promise<void>
  startServer(): Promise<void>
  /** Lines of what a job reads that it has not done with; Infinity: it has not begun. */
  left(job: Job): number
}

/** Alpha has the vault `core` with these settings, and its key; the executor knows the settings and the public half. */
export async function threeHosts(settings: readonly string[] = []): Promise<Hosts> {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-hosts-')), prefix = `vanta-${process.pid}`, middle = `${prefix}-bus`
  const made: string[] = []
  let server: Running | undefined
  after(async () => {
    for (const name of made) {
      killAll(name)
      ip('netns', 'del', name)
    }
    await server?.ended
    rmSync(folder, { recursive: true, force: true })
  })
  const namespace = (name: string): void => {
    ip('netns', 'add', name)
    made.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  namespace(middle)
  ip('-n', middle, 'link', 'add', 'bridge', 'type', 'bridge')
  ip('-n', middle, 'address', 'add', `${SERVER}/24`, 'dev', 'bridge')
  ip('-n', middle, 'link', 'set', 'bridge', 'up')

  const own = authority(), watcher = own.issue('watcher'), shown = own.issue('redis', ['--names', SERVER, '--use', 'server']), users = [REDIS_DEFAULT_USER, 'user watcher on nopass ~* resetchannels -@all +xinfo +exists']
  const hosts = ROLES.map((role, at) => {
    const name = `${prefix}-${role}`, home = join(folder, role), password = `secret-of-${role}`
    namespace(name)
    ip('-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `to-${role}`, 'netns', middle)
    ip('-n', name, 'address', 'add', `${NETWORK}.${at + 2}/24`, 'dev', 'eth0')
    ip('-n', name, 'link', 'set', 'eth0', 'up')
    ip('-n', middle, 'link', 'set', `to-${role}`, 'master', 'bridge', 'up')
    users.push(redisAclOf(role, createHash('sha256').update(password).digest('hex')))
    mkdirSync(join(home, 'secrets'), { recursive: true })
    writeFileSync(join(home, 'secrets', 'bus'), JSON.stringify({ redis_password: password }), { mode: 0o600 })
    renameSync(own.issue(userOf(role)).folder, join(home, 'secrets', 'tls'))
    writeFileSync(join(home, 'node.json'), formatNode({ role, bus: 'redis' }))
    return [role, new Host(role, home, name, `${NETWORK}.${at + 2}`)] as const
  })
  writeFileSync(join(folder, 'users.acl'), `${users.join('\n')}\n`)
  const startServer = async (): Promise<void> => {
    server = runIn(middle, [
      'redis-server', '--port', '0', '--tls-port', String(PORT), '--bind', SERVER, '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '',
      '--tls-cert-file', shown.file, '--tls-key-file', shown.file, '--tls-ca-cert-file', shown.ca, '--tls-auth-clients', 'yes', '--aclfile', join(folder, 'users.acl'),
    ], {})
    const isUp = (): boolean => spawnSync('ip', ['netns', 'exec', middle, 'bash', '-c', `echo > /dev/tcp/${SERVER}/${PORT}`], { stdio: 'ignore' }).status === 0
    while (!isUp()) {
      assert.equal(server.child.exitCode, null, 'the server of streams is gone')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await startServer()

  const { alpha, executor, markets } = Object.fromEntries(hosts) as Record<Role, Host>
  await alpha.said('vanta-vault', ['init', 'core', '--cash', '100000', '--now', '2020-12-01'])
  if (settings.length > 0) await alpha.said('vanta-vault', ['set', 'core', ...settings, '--now', '2020-12-01'])
  cpSync(join(alpha.home, 'memory'), join(executor.home, 'memory'), { recursive: true })
  return {
    alpha, executor, markets, folder, startServer,
    left(job) {
      const { file, ca } = watcher, place = ['-h', SERVER, '-p', String(PORT), '--tls', '--cert', file, '--key', file, '--cacert', ca, '--user', 'watcher', '--pass', '-']
      const asked = [0, 1, 2, 3].map((partition) => `XINFO GROUPS {${job.reads}}:${partition}\n`).join('')
      const { stdout } = spawnSync('ip', ['netns', 'exec', middle, 'redis-cli', '--no-auth-warning', ...place], { input: asked, encoding: 'utf8' })
      // Names and values by turns; a partition that nothing was sent to does not stand there.
      const words = stdout.split('\n'), groups = words.flatMap((word, i) => (word === 'name' && words[i + 1] === groupOf(job) ? [i] : []))
      if (groups.length === 0) return Infinity
      return groups.reduce((sum, from) => sum + Number(words[words.indexOf('pending', from) + 1]) + Number(words[words.indexOf('lag', from) + 1]), 0)
    },
    async killServer() {
      server?.child.kill('SIGKILL')
      await server?.ended
    },
  }
}

/** The one machine that three hosts are held against: the same keys, everything in one home, no streams. */
export function oneMachine({ alpha, folder }: Hosts): string {
  const home = join(folder, 'one')
  for (const part of ['memory', 'secrets']) cpSync(join(alpha.home, part), join(home, part), { recursive: true })
  return home
}

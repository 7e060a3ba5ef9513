import { sha256Of } from '#record/sha256'
import { BUS_KINDS } from '#domain/bus/address'
import { passwordHashesIn, redisUsersOf } from '#domain/node/access'
import { isBucket, nodeIn, NODE_FILE, type NodeSettings } from '#domain/node/home'
import {
  currentSlot, FILE_MODE, InTheWay, otherSlot, REDIS_ACCOUNT, REDIS_USERS_FILE, stepsToInstall, stepsToRollBack, stepText, UNITS_FOLDER, UNITS_LIST,
  type Ground, type Placed, type Slot, type Step,
} from '#domain/node/layout'
import { RELEASE_FILE, releaseIn, type Release } from '#domain/node/release'
import { ROLES, userOf, type Role } from '#domain/node/role'
import { isPlainPath, serviceOf, targetOf, type Site } from '#domain/node/units'
import { jobsOf } from '#domain/node/jobs'
import { readNamed } from '#port/folder'
import type { System } from '#port/system'
import { command, Failure, type ActionWorld } from '#tool'

/** Units that an administrator installs (systemd.unit(5)); those in /etc stay the operator's, to mask and to override them. */
const UNIT_FOLDER = '/usr/local/lib/systemd/system'
/** There while systemd runs the machine (sd_booted(3)). */
const BOOTED = '/run/systemd/system'

/** Where services look for programs (systemd.exec(5), EXECUTION ENVIRONMENT). */
const SERVICE_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

export default command({
  name: 'vanta install',
  summary: 'Lay a node out in its home: releases, folders, users, units and timers; upgrade it, or take an upgrade back.',
  about: [
    'What is to be done is worked out first and is what --dry-run prints; a second run finds nothing to do. The program goes into releases/A or releases/B,',
    'whichever is not in use, every file checked against the list that the build made, and `current` is switched to it in one step once it is whole:',
    'whatever ends an upgrade before that, the old release works on, and the next run begins anew. --rollback switches back, with the units of then.',
    'What is in memory/, logs/ and secrets/ is not touched. Run by root, the node gets a user of its own, which can write its memory and logs and not',
    `what it runs, and units go to ${UNIT_FOLDER}; run by others, all is theirs, and units go to systemd/ in the home. Nothing is started.`,
    'The address of the server of streams belongs into node.env in the home: VANTA_REDIS=rediss://..., or VANTA_KAFKA. Where the Redis server stands on',
    `this machine, --redis-users writes its access list, ${REDIS_USERS_FILE} (aclfile in redis.conf), of what each node may do; it is kept up with upgrades.`,
    'Each node says its line by: echo alpha $(jq -j .redis_password secrets/bus | sha256sum | cut -c1-64)',
  ].join(' '),
  options: {
    role: { kind: 'choice', choices: ROLES, help: 'what the node is to do; a home that has a role keeps it' },
    bus: { kind: 'choice', choices: BUS_KINDS, help: 'where the streams between the nodes are; redis, unless the home says otherwise' },
    user: { kind: 'text', help: 'user to run as: by root vanta-ROLE, else whoever installs it' },
    features: { kind: 'text', help: 'bucket that features are kept in, s3://BUCKET/PREFIX?endpoint=https://HOST, keys in secrets/s3; or "home"' },
    redisUsers: { kind: 'path', help: 'file with a line for each node, its role and the SHA-256 of its password: write the access list of the Redis server' },
    unitDir: { kind: 'path', help: 'folder for the units' },
    changeRole: { kind: 'flag', help: 'give a home another role than it has, or one to a home that has worked without' },
    rollback: { kind: 'flag', help: 'back to the release before' },
    dryRun: { kind: 'flag', help: 'say what would be done, and do nothing' },
  },
  examples: [
    'vanta install --role markets --home $(mktemp -d) --dry-run',
    { run: 'vanta install --rollback --home $(mktemp -d)', note: 'there is no node to take back', status: 77 },
  ],
  act({ dryRun, ...asked }, _operands, world) {
    const { rollback } = asked, ground = groundOf(asked, world)
    const releases = `${world.home}/releases`, isNew = world.machine.system.stat(releases) === undefined
    const free = dryRun || isNew ? undefined : world.logsIn(releases).lock('install', 0)
    try {
      perform(rollback ? stepsBack(ground, world) : stepsThere(ground, world), ground, dryRun, world)
    } finally {
      free?.()
    }
  },
})

interface Asked {
  readonly role: Role | undefined
  readonly bus: NodeSettings['bus'] | undefined
  readonly features: string | undefined
  readonly redisUsers: string | undefined
  readonly user: string | undefined
  readonly unitDir: string | undefined
  readonly changeRole: boolean
  readonly rollback: boolean
}

const USER = /^[a-z_][a-z0-9_-]{0,31}$/

function groundOf({ role, bus, features, redisUsers, user, unitDir, changeRole, rollback }: Asked, world: ActionWorld): Ground {
  const { home, machine: { system } } = world, before = settingsIn(home, system), asRoot = system.me.id === 0
  if (before === undefined && rollback) throw new Failure('refused', `${home} is no node: there is nothing to go back to`)
  const wanted = role ?? before?.role
  if (wanted === undefined) throw new Failure('usage', `which role? --role takes ${ROLES.join(', ')}`)
  if (before !== undefined && before.role !== wanted && !changeRole) {
    throw new Failure('refused', `${home} is of the role ${before.role}: a node of the role ${wanted} has a home of its own (or say --change-role)`)
  }
  if (before === undefined && !changeRole && ['memory', 'logs'].some((name) => system.list(`${home}/${name}`).some((file) => !file.startsWith('.')))) {
    throw new Failure('refused', `${home} has worked without a role: a node has a home of its own (or say --change-role)`)
  }
  if (features !== undefined && features !== 'home' && !isBucket(features)) {
    throw new Failure('usage', `--features: expected s3://BUCKET/PREFIX or home, got "${features}"`)
  }
  const site: Site = {
    role: wanted, home, bus: bus ?? before?.bus ?? 'redis', features: features === 'home' ? undefined : features ?? before?.features,
    user: user ?? (asRoot ? userOf(wanted) : system.me.name),
  }
  const unitFolder = unitDir ?? (asRoot ? UNIT_FOLDER : `${home}/systemd`)
  for (const path of [home, unitFolder]) if (!isPlainPath(path)) throw new Failure('usage', `${path}: paths in units are of letters, digits and _ . / + -`)
  if (!USER.test(site.user)) throw new Failure('usage', `--user: expected a name like vanta-${wanted}, got "${site.user}"`)
  const isTold = asRoot && unitFolder === UNIT_FOLDER && system.stat(BOOTED) !== undefined
  return { site, unitFolder, asRoot, reload: isTold ? ['systemctl', 'daemon-reload'] : [], redisUsers: usersOf(redisUsers, world) }
}

/** From the file that was named, or by those who are in the list already: what they may do follows the release. */
function usersOf(path: string | undefined, { home, folder, machine: { system } }: ActionWorld): string | undefined {
  const there = system.read(`${home}/${REDIS_USERS_FILE}`)?.toString('utf8'), text = path === undefined ? there : readNamed(folder, path).toString('utf8')
  if (text === undefined) return undefined
  const hashes = passwordHashesIn(text)
  if (typeof hashes === 'string') throw new Failure(path === undefined ? 'config' : 'usage', `${path ?? `${home}/${REDIS_USERS_FILE}`}: ${hashes}`)
  return redisUsersOf(hashes)
}

function settingsIn(home: string, system: System): NodeSettings | undefined {
  const text = system.read(`${home}/${NODE_FILE}`)?.toString('utf8')
  if (text === undefined) return undefined
  const settings = nodeIn(text)
  if (typeof settings === 'string') throw new Failure('config', `${home}/${NODE_FILE}: ${settings}`)
  return settings
}

/** The release that stands whole in a folder. */
function releaseAt(folder: string, system: System): { readonly text: string; readonly release: Release } | undefined {
  const path = `${folder}/${RELEASE_FILE}`, text = system.read(path)?.toString('utf8')
  if (text === undefined) return undefined
  try {
    return { text, release: releaseIn(text) }
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `${path}: ${error.message}`, error) : error
  }
}

const placedIn = (home: string, system: System) => (slot: Slot): Placed | undefined => {
  const folder = `${home}/releases/${slot}`, release = releaseAt(folder, system)?.release, list = system.read(`${folder}/${UNITS_LIST}`)
  if (release === undefined || list === undefined) return undefined
  const names = list.toString('utf8').split('\n').filter((name) => name !== '')
  const node = system.read(`${folder}/${NODE_FILE}`)?.toString('utf8') ?? ''
  return { id: release.id, node, units: new Map(names.map((name) => [name, system.read(`${folder}/${UNITS_FOLDER}/${name}`)?.toString('utf8') ?? ''])) }
}

function stepsThere(ground: Ground, { root, home, machine: { system } }: ActionWorld): readonly Step[] {
  const found = releaseAt(root, system)
  if (found === undefined) throw new Failure('config', `${root}/${RELEASE_FILE} is missing: build Vanta first (npm run build)`)
  return planned(() => stepsToInstall(ground, found.release.id, placedIn(home, system), system))
}

function stepsBack(ground: Ground, { home, machine: { system } }: ActionWorld): readonly Step[] {
  const steps = planned(() => stepsToRollBack(ground, placedIn(home, system), system))
  if (steps === undefined) throw new Failure('refused', `${home}/releases/${otherSlot(currentSlot(home, system))} holds no whole release to go back to`)
  return steps
}

function planned<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof InTheWay ? new Failure('refused', error.message, error) : error
  }
}

function perform(steps: readonly Step[], ground: Ground, dryRun: boolean, world: ActionWorld): void {
  const { site, unitFolder, asRoot } = ground, { print, machine: { system } } = world
  for (const step of steps) {
    if (!dryRun) take(step, ground, world)
    print(stepText(step, site.user))
  }
  if (dryRun) return print(steps.length === 0 ? 'nothing to do' : `${steps.length} steps; a dry run, so nothing was touched`)
  if (steps.length === 0) return print('nothing to do')
  const streams = jobsOf(site.role).filter(({ kind }) => kind === 'stream').map(serviceOf)
  if (!SERVICE_PATH.some((folder) => system.stat(`${folder}/node`) !== undefined)) {
    world.log.warn(`services find no node in ${SERVICE_PATH.join(', ')}: link it there`)
  }
  if (!asRoot) print(`as root: cp -r ${unitFolder}/* ${UNIT_FOLDER}/ && systemctl daemon-reload`)
  print(`to start it: systemctl enable --now ${targetOf(site.role)}`)
  if (steps.some((step) => step.does === 'file' && step.path.endsWith(`/${REDIS_USERS_FILE}`))) {
    print(`the Redis server: aclfile ${site.home}/${REDIS_USERS_FILE} in its redis.conf, or ACL LOAD where it has that already`)
  }
  if (streams.length > 0) print(`after an upgrade: systemctl try-restart ${streams.join(' ')}`)
}

/** Throws Failure `output` with the path, `data` where a file of the release is not what the build made. */
function take(step: Step, { site, asRoot }: Ground, { root, machine: { system } }: Pick<ActionWorld, 'root' | 'machine'>): void {
  switch (step.does) {
    case 'account': {
      const words = ['useradd', '--system', '--user-group', '--no-create-home', '--home-dir', step.home, '--shell', '/usr/sbin/nologin', step.user]
      if (system.run(words) !== 0) throw new Failure('output', `cannot make the user ${step.user}: ${words.join(' ')}`)
      return
    }
    case 'folder':
    case 'permit': {
      const owner = !asRoot ? undefined : step.owner === 'root' ? 0 : system.account(site.user)
      if (step.does === 'folder') system.makeFolder(step.path, step.mode)
      return system.permit(step.path, step.mode, owner)
    }
    case 'file':
      system.makeFolder(step.path.slice(0, step.path.lastIndexOf('/')), 0o755)
      system.write(step.path, Buffer.from(step.content), step.mode ?? FILE_MODE)
      if (step.owner === 'redis') system.permit(step.path, step.mode ?? FILE_MODE, system.account(REDIS_ACCOUNT))
      return
    case 'link': return system.point(step.path, step.target)
    case 'remove': return system.remove(step.path)
    case 'release': return place(step, root, system)
    case 'run':
      if (system.run(step.words) !== 0) throw new Failure('output', `${step.words.join(' ')} failed`)
  }
}

/** A release in a folder that is not there yet; its list comes last, and says that it is whole. */
function place(step: Step & { readonly does: 'release' }, root: string, system: System): void {
  const found = releaseAt(root, system)
  if (found?.release.id !== step.id) throw new Failure('again', `${root}/${RELEASE_FILE} has changed meanwhile`)
  const put = (path: string, content: Buffer, runs: boolean): void => {
    system.makeFolder(`${step.path}/${path}`.replace(/\/[^/]*$/, ''), 0o755)
    system.put(`${step.path}/${path}`, content, runs ? 0o755 : FILE_MODE)
  }
  for (const { path, sha256, runs } of found.release.files) {
    const content = system.read(`${root}/${path}`)
    if (content === undefined || sha256Of(content) !== sha256) throw new Failure('data', `${root}/${path} is not what the build made: build Vanta anew`)
    put(path, content, runs)
  }
  put(NODE_FILE, Buffer.from(step.node), false)
  for (const [name, text] of step.units) put(`${UNITS_FOLDER}/${name}`, Buffer.from(text), false)
  put(UNITS_LIST, Buffer.from([...step.units.keys()].map((name) => `${name}\n`).join('')), false)
  system.settle(step.path)
  system.write(`${step.path}/${RELEASE_FILE}`, Buffer.from(found.text), FILE_MODE)
}

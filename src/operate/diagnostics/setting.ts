/** Checks of what the node is set up with: program, clock, disk, permissions, keys, memory, the switch. */
import { LINES } from '#domain/audit/files'
import { hurried } from '#domain/bus/address'
import { RELEASE_FILE } from '#domain/node/release'
import { allows } from '#domain/node/role'
import { fail, ok, warn, wrongSetting, type Finding } from '#domain/operate/diagnosis/finding'
import { clockFinding, diskFinding, programFindings, skewFinding, type Stamp } from '#domain/operate/diagnosis/machine'
import { memoryFault } from '#domain/operate/diagnosis/memory'
import { permissionFinding, type Permission } from '#domain/operate/diagnosis/permissions'
import { lastLines } from '#domain/operate/status/tail'
import { haltedBy, OVERLAY_FILE } from '#domain/vault/overlay'
import { sealFault, sealOf } from '#domain/vault/seal'
import { VAULT_FILE, vaultEntries } from '#domain/vault/vault'
import type { Keys } from '#port/keys'
import { parseInstant } from '#record'
import { Failure, type ActionWorld } from '#tool'
import { memoryFiles } from '#tool/memory_files'
import { nodeSettings, streamsOfNode } from '#tool/node_home'
import { callCommand } from '#tool/call'
import { findTool } from '../../tools.ts'

type Texts = { readonly [name: string]: string }

function jsonIn(path: string, { folder }: ActionWorld): { readonly [field: string]: unknown } {
  const content = folder.read(path)
  return content === undefined ? {} : (JSON.parse(content.toString('utf8')) as { readonly [field: string]: unknown })
}

export function programOf(world: ActionWorld): readonly Finding[] {
  const { root, machine: { node, platform, timeZone, locale } } = world
  const { engines, dependencies } = jsonIn(`${root}/package.json`, world) as { readonly engines?: Texts; readonly dependencies?: Texts }
  const installed = (name: string): string | undefined => {
    const { version } = jsonIn(`${root}/node_modules/${name}/package.json`, world)
    return typeof version === 'string' ? version : undefined
  }
  // Most packages are bundled into the tools: a release brings those that are not.
  const release = world.folder.read(`${root}/${RELEASE_FILE}`)?.toString('utf8')
  const isWanted = ([name]: readonly [string, string]): boolean => release === undefined || release.includes(` node_modules/${name}/`)
  const wanted = Object.fromEntries(Object.entries(dependencies ?? {}).filter(isWanted))
  return programFindings({ node, platform, timeZone, locale, engine: engines?.['node'] ?? '>=20', wanted, installed })
}

export const diskOf = ({ home, machine }: ActionWorld): Finding => {
  const { freeBytes, totalBytes, freeInodes, totalInodes } = machine.space(home)
  return diskFinding({ free_bytes: freeBytes, total_bytes: totalBytes, free_inodes: freeInodes, total_inodes: totalInodes })
}

export function clockOf({ home, machine, logs, clock }: ActionWorld): Finding {
  const files = ['memory', 'logs'].flatMap((folder) =>
    machine.entries(`${home}/${folder}`).map(({ name, modifiedMs }): Stamp => ({ what: `${folder}/${name}`, ms: modifiedMs })))
  const tape = logs.open(LINES)
  try {
    const [line = ''] = lastLines(tape), knownMs = parseInstant(/"known_at":"([^"]+)"/.exec(line)?.[1] ?? '')
    return clockFinding([...files, ...(knownMs === undefined ? [] : [{ what: `the last line of logs/${LINES}`, ms: knownMs }])], clock.now())
  } finally {
    tape.close()
  }
}

/** Of each server of streams that the node reads, or that is named, the first stream is opened for it. */
export async function* skewFindings(named: readonly string[], world: ActionWorld): AsyncGenerator<Finding, void, undefined> {
  const seen = new Set<string>()
  for (const address of [...streamsOfNode(world), ...named]) {
    const watch = world.stopwatch()
    try {
      const bus = await world.bus(hurried(address)), server = bus.address.replace(/\/[^/]*$/, ''), beforeMs = watch.elapsedMs(), askedMs = world.clock.now()
      if (seen.has(server)) continue
      seen.add(server)
      const serverMs = await bus.serverTimeMs()
      if (serverMs !== undefined) yield skewFinding(server, serverMs, askedMs, askedMs + Math.ceil(watch.elapsedMs() - beforeMs))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const remedy = 'see whether the server is there, and whether the node may ask it (VANTA_REDIS, secrets/bus, secrets/tls)'
      yield error.exit === 'config' ? wrongSetting('streams', error.message, remedy) : fail('streams', error.message, remedy)
    }
  }
}

/** By `vanta-keys check`, where there are certificates. */
export async function certificateFinding(world: ActionWorld): Promise<Finding> {
  const check = 'certificates', said: string[] = []
  if (world.machine.entries(`${world.home}/secrets/tls`).length === 0) return ok(check, 'none')
  try {
    const answer = await callCommand(findTool, 'vanta-keys', ['check'], { ...world, print: (text) => void said.push(text) }, () => undefined)
    return answer === 'negative' ? fail(check, said.join('; '), 'vanta-keys rotate NAME, where the authority is') : ok(check, said.join('; '))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return wrongSetting(check, [...said, error.message].join('; '), 'vanta-keys check')
  }
}

export function permissionsOf({ home, machine }: ActionWorld): Finding {
  const below = (path: string): readonly Permission[] =>
    machine.entries(`${home}/${path}`).map((entry) => ({ ...entry, path: path === '' ? entry.name : `${path}/${entry.name}` }))
  const ours = below('').filter(({ path }) => ['memory', 'logs', 'bus', 'secrets'].includes(path))
  return permissionFinding([...ours, ...ours.flatMap(({ path }) => below(path))], machine.user)
}

export function* keyFindings(world: ActionWorld): Iterable<Finding> {
  yield pairsFinding('vault keys', world.keys, 'vanta-vault key NAME')
  yield pairsFinding('node key', world.nodeKeys, 'vanta-audit key NAME')
  yield sealsFinding(world)
}

/** Each private key here must be the one that is published as its owner's. */
function pairsFinding(check: string, keys: Keys, makes: string): Finding {
  try {
    const known = [...keys.publicKeys().values()], owners = new Set(known.map(({ owner }) => owner)), here = [...owners].filter((owner) => keys.has(owner))
    for (const owner of here) if (keys.current(owner).owner !== owner) return wrongSetting(check, `the key of ${owner} is published as another's`, makes)
    return ok(check, owners.size === 0 ? 'none' : `${here.length} private keys here, ${known.length} public ones of ${[...owners].join(', ')}`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return wrongSetting(check, error.message, `chmod 600 it, put the right one back, or make another: ${makes}`)
  }
}

function sealsFinding({ store, keys }: ActionWorld): Finding {
  const check = 'vault settings'
  try {
    const entries = vaultEntries(store.read(VAULT_FILE)?.memory), known = keys.publicKeys()
    const faults = entries.filter(([, entry]) => sealOf(entry) !== undefined).flatMap(([name, entry]) => sealFault(name, entry, (id) => known.get(id)) ?? [])
    if (faults.length > 0) return wrongSetting(check, faults.join('; '), 'see who changed them (logs/vaults.ndjson), then sign them anew')
    const unsigned = entries.filter(([, entry]) => sealOf(entry) === undefined).map(([name]) => name)
    if (unsigned.length > 0) return warn(check, `${unsigned.join(', ')}: not signed, so that nothing is traded by them`, `vanta-vault sign ${unsigned[0]}`)
    return ok(check, entries.length === 0 ? 'no vaults' : `${entries.length} signed as they stand`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return fail(check, error.message, 'put back the last version from a backup')
  }
}

export function* memoryFindings(world: ActionWorld): Iterable<Finding> {
  const { read, faults } = memoryFiles(world)
  const remedy = 'put back the last version from a backup, or edit it; what settings were signed stands in logs/vaults.ndjson'
  const misshapen = [...read].flatMap(([name, { memory }]) => {
    const fault = memoryFault(name, memory)
    return fault === undefined ? [] : [`memory/${name}: ${fault}`]
  })
  const wrong = [...faults, ...misshapen]
  yield wrong.length > 0 ? fail('memory', wrong.join('; '), remedy) : ok('memory', `${read.size} files read, each of its shape`)
}

/** Thrown by someone it is no fault, but worth a word; absent or unreadable it stops all trade, and nobody meant it. */
export function switchOf(world: ActionWorld): Finding {
  const check = 'kill switch', { store } = world
  try {
    const role = nodeSettings(world)?.role
    if (role !== undefined && !allows(role, `memory:${OVERLAY_FILE}`)) return ok(check, `a node of the role ${role} neither decides nor trades`)
    const overlay = store.read(OVERLAY_FILE)?.memory, halted = haltedBy(overlay)
    if (overlay === undefined) return wrongSetting(check, `HALTED: memory/${OVERLAY_FILE} is absent`, 'vanta-vault init NAME, or vanta-overlay revive')
    return halted === undefined ? ok(check, 'orders may be sent') : warn(check, `HALTED: ${halted.why}`, 'vanta-overlay revive, once the reason is gone')
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return fail(check, `HALTED: ${error.message}`, 'mend the file; until then nothing is sent')
  }
}

/** What the node that a home is of may do, and the parts of the world that are held to it. Without a role everything is allowed. */
import { nodeIn, NODE_FILE } from '#domain/node/home'
import type { Capability } from '#domain/node/capability'
import { allows, lacks, reading, rolesOf, writing, type Role } from '#domain/node/role'
import type { Bus } from '#port/bus'
import { Failure } from '#port/failure'
import type { Journal } from '#port/journal'
import type { Keys } from '#port/keys'
import type { Logs } from '#port/logs'
import type { Objects } from '#port/objects'
import type { Online } from '#port/online'
import type { Archive, Outside } from '#port/outside'
import type { Store } from '#port/store'

export interface Rights {
  readonly role: Role | undefined
  /** Throws Failure `refused` where the role does not have it. */
  demand(capability: Capability): void
  /** A tool or verb is about to run. Throws Failure `refused` where the role lacks what it needs, or nobody has said what it needs. */
  enter(act: string): void
}

const free = (): void => undefined
/** Of a single machine, and of worlds that are simulated. */
export const EVERYTHING: Rights = { role: undefined, demand: free, enter: free }

/** Throws Failure `config` where the home says what it is of in words that cannot be read. */
export function rightsIn(home: string, text: string | undefined): Rights {
  if (text === undefined) return EVERYTHING
  const node = nodeIn(text)
  if (typeof node === 'string') throw new Failure('config', `${home}/${NODE_FILE}: ${node}`)
  return rightsOf(node.role)
}

function rightsOf(role: Role): Rights {
  return {
    role,
    demand(capability) {
      if (!allows(role, capability)) throw new Failure('refused', `a node of the role ${role} has no "${capability}"`)
    },
    enter(act) {
      const missing = lacks(role, act)
      if (missing?.length === 0) return
      const others = rolesOf(act), where = others.length === 0 ? 'no node runs it; give it a home of its own (--home)' : `it runs on ${others.join(', ')}`
      const lacked = (missing ?? []).map((one) => `"${one}"`).join(', ')
      const why = missing === undefined ? `nobody has said what ${act} needs` : `a node of the role ${role} has no ${lacked}`
      throw new Failure('refused', `${why}: ${where}`)
    },
  }
}

export const guardedStore = (store: Store, { role, demand }: Rights): Store => role === undefined ? store : ({
  read: (name) => store.read(name),
  write(name, memory, basedOn) {
    demand(`memory:${name}`)
    return store.write(name, memory, basedOn)
  },
})

/** Public keys are for all to read. */
export const guardedKeys = (keys: Keys, capability: Capability, { role, demand }: Rights): Keys => role === undefined ? keys : ({
  create(owner, at) {
    demand(capability)
    return keys.create(owner, at)
  },
  sign(owner, text) {
    demand(capability)
    return keys.sign(owner, text)
  },
  pin(more) {
    // As a change of memory: what signs is another matter.
    demand(capability === 'keys:vault' ? 'memory:vault_keys.json' : capability)
    keys.pin(more)
  },
  has: (owner) => keys.has(owner),
  current: (owner) => keys.current(owner),
  publicKeys: () => keys.publicKeys(),
})

export const guardedJournal = (journal: Journal, name: string, { role, demand }: Rights): Journal => role === undefined ? journal : ({
  append(line) {
    demand(`logs:${name}`)
    journal.append(line)
  },
  sync: () => journal.sync(),
  lines: () => journal.lines(),
  close: () => journal.close(),
})

export const guardedLogs = (logs: Logs, { role, demand }: Rights): Logs => role === undefined ? logs : ({
  open(name) {
    const tape = logs.open(name)
    return {
      size: () => tape.size(),
      read: (position, into) => tape.read(position, into),
      append(bytes) {
        demand(`logs:${name}`)
        tape.append(bytes)
      },
      setAside(offset) {
        demand(`logs:${name}`)
        tape.setAside(offset)
      },
      sync: () => tape.sync(),
      reread: () => tape.reread(),
      close: () => tape.close(),
    }
  },
  read: (name) => logs.read(name),
  list: (folder) => logs.list(folder),
  lock: (name, waitMs) => logs.lock(name, waitMs),
  isLocked: (name) => logs.isLocked(name),
  replace(name, content) {
    demand(`logs:${name}`)
    logs.replace(name, content)
  },
  remove(name) {
    demand(`logs:${name}`)
    logs.remove(name)
  },
  move(from, to) {
    demand(`logs:${from}`)
    demand(`logs:${to}`)
    logs.move(from, to)
  },
})

export const guardedObjects = (objects: Objects, { role, demand }: Rights): Objects => role === undefined ? objects : ({
  place: objects.place,
  read: (name) => objects.read(name),
  list: (prefix) => objects.list(prefix),
  async write(name, content) {
    demand('features')
    return objects.write(name, content)
  },
  async create(name, content) {
    demand('features')
    return objects.create(name, content)
  },
  async remove(name) {
    demand('features')
    return objects.remove(name)
  },
  async tidy(beforeMs) {
    demand('features')
    return objects.tidy(beforeMs)
  },
})

/** Of features that are served under that name. */
export const guardedOnline = (online: Online, name: string, { role, demand }: Rights): Online => role === undefined ? online : ({
  place: online.place,
  async about() {
    demand(`ask:${name}`)
    return online.about()
  },
  async read(entity) {
    demand(`ask:${name}`)
    return online.read(entity)
  },
  async entities() {
    demand(`ask:${name}`)
    return online.entities()
  },
  async replace(about, lines) {
    demand(`serve:${name}`)
    return online.replace(about, lines)
  },
  close: () => online.close(),
})

/** Before a server is asked. Throws Failure `refused` where the node neither asks for features of that name nor serves them. */
export function demandOnline(name: string, { role, demand }: Rights): void {
  if (role !== undefined && !allows(role, `serve:${name}`)) demand(`ask:${name}`)
}

/** Of one tool: its services, its secrets, the payloads it keeps. */
export function guardedOutside(outside: Outside, tool: string, rights: Rights): Outside {
  const { demand } = rights, { archive } = outside
  if (rights.role === undefined) return outside
  const kept: Archive = {
    read: (raw) => archive.read(raw),
    kept: (of) => archive.kept(of),
    keep(bytes, about) {
      demand('logs:raw')
      return archive.keep(bytes, about)
    },
  }
  return {
    ...outside,
    archive: kept,
    http(terms) {
      demand(`service:${tool.replace(/^vanta[- ]/, '')}`)
      return outside.http(terms)
    },
    async secrets(name, file) {
      demand(`secret:${name}`)
      return outside.secrets(name, file)
    },
  }
}

/** Throws Failure `refused` where the node may not write to that stream. */
export function demandWriting(stream: string, { role, demand }: Rights): void {
  const [first, ...others] = writing(stream)
  if (role !== undefined && first !== undefined && !others.some((one) => allows(role, one))) demand(first)
}

/** Before it is opened, which may make it. Throws Failure `refused` where the node neither reads nor writes that stream. */
export function demandEither(stream: string, { role, demand }: Rights): void {
  if (role !== undefined && ![reading(stream), ...writing(stream)].some((one) => allows(role, one))) demand(reading(stream))
}

export const guardedBus = (bus: Bus, stream: string, rights: Rights): Bus => rights.role === undefined ? bus : ({
  address: bus.address,
  async append(lines) {
    demandWriting(stream, rights)
    return bus.append(lines)
  },
  async join(group, since) {
    rights.demand(reading(stream))
    return bus.join(group, since)
  },
  replay(since, until) {
    rights.demand(reading(stream))
    return bus.replay(since, until)
  },
  starts: () => bus.starts(),
  ends: () => bus.ends(),
  lags: () => bus.lags(),
  serverTimeMs: () => bus.serverTimeMs(),
  close: () => bus.close(),
})

/**
 * What a tool read in memory is an input like any other, so it stands in the stream: a `memory` record before the first record that the tool
 * made, and again where something had changed when it was read. Settings are told whole. State, which follows from what was read before, is
 * told by its digest, so that whoever does it over can say whether it did follow.
 */
import { canonicalize, formatInstant, make, type Control, type Json, type Vanta } from '#record'
import { sha256Of } from '#record/sha256'
import type { Keys } from '#port/keys'
import type { Memory, Store, Versioned } from '#port/store'
import type { ActionWorld, Emit, Stage, StateFiles } from './define.ts'

/** Where the public keys stand. */
export const KEYS = 'vault_keys.json'

/** The digest of a memory, but for some fields; undefined, where there is none, has one too. */
export const digestOf = (memory: Memory | undefined, beside: readonly string[] = []): string =>
  sha256Of(canonicalize((memory ?? null) as Json, new Set(beside))).slice(0, 40)

interface Untold {
  readonly file: string
  readonly memory: Memory | undefined
}

export class Told {
  readonly world: ActionWorld
  readonly #state: StateFiles
  readonly #tellsAbsent: boolean
  /** By file, what was read last. */
  readonly #read = new Map<string, string>()
  #untold: Untold[] = []
  /** Something changed: it is told with the next record, whosever that is. */
  #hasChanged = false
  /** It has made something in this run: whatever it reads from now on is told. */
  #hasSpoken = false

  /** `state`: the memory files of the tool that follow from its input. `tellsAbsent`: else what nobody tells of is taken to be absent. */
  constructor(world: ActionWorld, state: StateFiles, tellsAbsent: boolean) {
    this.#state = state
    this.#tellsAbsent = tellsAbsent
    this.world = { ...world, store: this.#storeOf(world.store), keys: this.#keysOf(world.keys) }
  }

  /** Whether anything was read so far. */
  get hasRead(): boolean {
    return this.#read.size > 0
  }

  #storeOf(store: Store): Store {
    return {
      read: (name) => {
        const versioned = store.read(name)
        this.#note(name, versioned)
        return versioned
      },
      // What it writes itself follows from its input.
      write: (name, memory, basedOn) => store.write(name, memory, basedOn),
    }
  }

  #keysOf(keys: Keys): Keys {
    return {
      create: (vault, at) => keys.create(vault, at), has: (vault) => keys.has(vault), current: (vault) => keys.current(vault),
      sign: (vault, text) => keys.sign(vault, text), pin: (more) => keys.pin(more),
      publicKeys: () => {
        const known = keys.publicKeys()
        const keysToTell = [...known.values()].map(({ id, owner, key, since }) => ({ id, vault: owner, key, since }))
        this.#note(KEYS, { version: 0, memory: { keys: keysToTell } })
        return known
      },
    }
  }

  #note(file: string, versioned: Versioned | undefined): void {
    const before = this.#read.get(file)
    // State is read to go on from it: that it changes later is the tool's own doing.
    if (before !== undefined && this.#state[file] !== undefined) return
    const text = JSON.stringify(versioned?.memory ?? null)
    if (text === before) return
    this.#read.set(file, text)
    if (versioned === undefined && before === undefined && !this.#tellsAbsent) return
    this.#untold.push({ file, memory: versioned?.memory })
    if (before !== undefined || this.#hasSpoken) this.#hasChanged = true
  }

  #record({ file, memory }: Untold): Control {
    const { clock, by } = this.world
    const now = formatInstant(clock.now())
    const state = this.#state[file]
    const facts = { file, digest: digestOf(memory, state), ...(state === undefined && { memory: (memory ?? null) as Json }) }
    return make('control', { type: 'memory', at: now, known_at: now, source: by.split('/')[0] ?? by, by, facts })
  }

  #tell(emit: Emit): void {
    for (const untold of this.#untold.splice(0)) emit(this.#record(untold))
    this.#hasChanged = false
  }

  /** The stage, telling what it read. */
  telling(stage: Stage): Stage {
    let given: Emit | undefined
    let said: Emit = () => undefined
    const through = (emit: Emit): Emit => {
      if (emit === given) return said
      given = emit
      said = (record: Vanta) => {
        if (record.by === this.world.by) this.#hasSpoken = true
        if (this.#hasChanged || (this.#hasSpoken && this.#untold.length > 0)) this.#tell(emit)
        emit(record)
      }
      return said
    }
    return {
      ...stage,
      each: (record, emit) => stage.each(record, through(emit)),
      end: async (emit) => {
        await stage.end?.(through(emit))
        if (this.#hasSpoken) this.#tell(emit)
      },
      flushed: () => stage.flushed?.(),
      landed: () => stage.landed?.(),
      verdict: () => stage.verdict?.(),
    }
  }
}

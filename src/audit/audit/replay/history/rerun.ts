/** A stage of an earlier run at work again: the same tool with the same words, on the memory that the log tells of. */
import { formatInstant, isAfter, millisOf, type Json, type Millis, type Vanta } from '#record'
import type { ActionWorld, AnyStreaming, Emit, StateFiles } from '#tool'
import { parseArgv, type Parsed } from '#tool/argv'
import { fileOfWord } from '#tool/by'
import { splitWords } from '#tool/pipeline'
import { seededRandom } from '#tool/random'
import { chain, openStage, type Chain } from '#tool/stage'
import { digestOf, KEYS } from '#tool/told'
import { actOf } from '#tool/verb'
import { VERSION } from '#tool/version'
import { ambientOf } from '#tool/world'
import { pastOf } from '#domain/audit/past'
import type { Bytes } from '#domain/audit/lines'
import { Match, type Circumstances } from '#domain/audit/replay/match'
import type { Stage } from '#domain/audit/replay/survey'
import { holds } from '#domain/vault/signature'
import type { PublicKey } from '#port/keys'
import type { Memory, Versioned } from '#port/store'
import { findTool, toolNames } from '../../../../tools.ts'

export interface Act {
  readonly stage: Stage
  readonly act: AnyStreaming
  readonly parsed: Parsed
  /** Of the loop. */
  readonly order: number
  readonly fileFault: string | undefined
}

/** What is ranked leaves the ranking, or does not: these two are done over as one. */
const REASON: readonly number[] = [toolNames.indexOf('vanta-synthesize'), toolNames.indexOf('vanta-rerank')]
const [DECIDES = 0] = REASON
export const isReason = (order: number): boolean => REASON.includes(order)

/** A stage hears what those of lower levels made. All that reads for the decision is of one level, whose tools may stand in any order: 0. */
export const levelOf = (order: number): number => (order < DECIDES ? 0 : isReason(order) ? DECIDES : order)

/** The act that a stage of the log was, where it is one that reads records. Throws Failure where its words are not understood. */
export async function actFor(stage: Stage, folder: ActionWorld['folder']): Promise<Act | undefined> {
  const { tool: name, words: text } = stage.maker
  const tool = await findTool(name)
  if (tool === undefined) return undefined
  const words = splitWords(text, `by: ${name}`)
  const found = actOf(tool, words)
  if (found === undefined || found.act.kind === 'command' || found.act.kind === 'collector' || found.act.kind === 'rows') return undefined
  if (found.act.restsOnAll === true) return undefined
  const files = found.rest.map((word) => fileOfWord(word, folder))
  const changed = files.find((file) => file?.isChanged)
  // Neither the environment nor a config file of today has a say in it.
  const parsed = await parseArgv(found.act, found.rest.map((word, i) => files[i]?.path ?? word), {}, {})
  const fileFault = changed === undefined ? undefined : `${changed.path} is not the file that was read then`
  return { stage, act: found.act, parsed, order: toolNames.indexOf(name), fileFault }
}

/** What it is done over in. */
export interface Around {
  /** Where memory and journals go on from run to run. */
  readonly world: ActionWorld
  /** The log up to the run. */
  readonly before: Bytes
  /** What passed in earlier runs of subjects that came into view in this one. */
  readonly tape: { readonly [subject: string]: Json }
  readonly isMeant: (record: Vanta) => boolean
  readonly inputFault: (record: Vanta) => string | undefined
  /** May have dropped some of what passed: filters stood behind it. */
  readonly drops: boolean
}

/** The field of the executor's state that the log tells of by itself. */
const TAPE = 'tape'

/** A broker that is asked answers once: what it said is in the log, and is taken from there. */
export class AtVenue extends Error {}

export class Rerun {
  readonly names: ReadonlySet<string>
  readonly level: number
  readonly match: Match
  readonly #chain: Chain
  readonly #settings: readonly Settings[]

  private constructor(acts: readonly Act[], match: Match, running: Chain, settings: readonly Settings[]) {
    this.names = new Set(acts.map(({ stage }) => stage.name))
    this.level = Math.min(...acts.map(({ order }) => levelOf(order)))
    this.match = match
    this.#chain = running
    this.#settings = settings
  }

  /** Stages that stood one behind another, of which only what left the last is in the log. Throws AtVenue, or Failure where one does not open. */
  static async open(acts: readonly Act[], around: Around): Promise<Rerun> {
    let memoryFault: string | undefined
    const circumstances: Circumstances = {
      version: VERSION, makers: new Map(acts.map(({ stage: { name, maker } }) => [name, maker])), inputFault: around.inputFault,
      fileFault: acts.find((one) => one.fileFault !== undefined)?.fileFault, memoryFault: () => memoryFault,
    }
    const match = new Match(circumstances, around.drops, around.isMeant)
    const settings = acts.map((one) => new Settings(one, around, match))
    memoryFault = settings.map((one) => one.stateFault()).find((fault) => fault !== undefined)
    const running = await Promise.all(acts.map((one, i) => openStage(one.act, one.parsed.values, settings[i]?.world ?? around.world)))
    const bys = new Set(acts.map(({ stage: { maker } }) => byNow(maker)))
    const sink: Emit = (record) => {
      if (!bys.has(record.by) || record === rerun.fed || (record.kind === 'control' && record.type === 'memory')) return
      match.make(record)
    }
    const rerun = new Rerun(acts, match, chain(running, sink), settings)
    return rerun
  }

  /** What was handed in last: it passes, and is nothing that was made. */
  fed: Vanta | undefined

  push(record: Vanta): void | Promise<void> {
    this.fed = record
    return this.#chain.push(record)
  }

  /** The memory of one of its stages was read again, and was another. */
  remember(stage: string, file: string, memory: Json | undefined, at: string): void {
    for (const settings of this.#settings) if (settings.name === stage) settings.remember(file, memory, at)
  }

  async end(): Promise<void> {
    this.fed = undefined
    this.match.ending()
    await this.#chain.end()
    await this.#chain.landed()
  }

  /** Why it ended early. */
  failure: string | undefined
}

/** The `by` of what a stage makes now. */
export const byNow = ({ tool, words }: Stage['maker']): string => `${tool}/${VERSION}${words === '' ? '' : ` ${words}`}`

/** What one stage reads beside records: memory as the log tells of it, a clock that says what the log says it said, keys that sign as they did. */
class Settings {
  readonly name: string
  readonly world: ActionWorld
  readonly #act: Act
  readonly #around: Around
  readonly #memory = new Map<string, Memory | undefined>()
  readonly #state: StateFiles
  #heard = formatInstant(0)

  constructor(act: Act, around: Around, match: Match) {
    const { stage, act: { name, state = {} }, parsed: { common } } = act
    this.name = stage.name
    this.#act = act
    this.#around = around
    this.#state = state
    for (const [file, { memory }] of stage.memory) if (memory !== undefined) this.#memory.set(file, asMemory(memory))
    const { world } = around, view = world.as(name)
    const fixed = common.now === undefined || common.now === 'stream' ? undefined : millisOf(common.now)
    const now = (): Millis => fixed ?? millisOf(match.next ?? this.#heard)
    this.world = {
      ...view, log: SILENT, clock: { now }, hear: (record) => this.#hear(record.known_at), ambient: ambientOf(common.now, common.seed),
      random: (purpose) => seededRandom(common.seed, `${name}:${purpose}`),
      past: (spanMs) => pastOf(around.before, spanMs),
      store: { read: (file) => this.#read(file), write: (file, memory, basedOn) => world.store.write(file, memory, basedOn) },
      keys: { ...view.keys, publicKeys: () => this.#publicKeys(), sign: (vault, text) => this.#signed(vault, text, match) },
      // One process: nobody else is there to be kept out, and nothing of the home is written.
      logs: { ...view.logs, lock: () => () => undefined },
      async broker(terms) {
        if (terms.name !== 'paper') throw new AtVenue()
        return view.broker(terms)
      },
      as: () => this.world,
    }
  }

  #hear(at: string): void {
    if (isAfter(at, this.#heard)) this.#heard = at
  }

  remember(file: string, memory: Json | undefined, at: string): void {
    this.#hear(at)
    if (memory !== undefined) this.#memory.set(file, asMemory(memory))
  }

  #read(file: string): Versioned | undefined {
    const beside = this.#state[file]
    if (beside !== undefined) return this.#withTape(this.#around.world.store.read(file), beside)
    const memory = this.#memory.get(file)
    return memory && { version: 1, memory }
  }

  /** What passed of a subject in earlier runs is logged only where it is decided on: as it was told in this run. */
  #withTape(kept: Versioned | undefined, beside: readonly string[]): Versioned | undefined {
    if (!beside.includes(TAPE) || (kept === undefined && Object.keys(this.#around.tape).length === 0)) return kept
    const { version, memory } = kept ?? { version: 0, memory: {} }
    const tape = Object.entries({ ...(memory[TAPE] as { [subject: string]: Json } | undefined), ...this.#around.tape })
    return { version, memory: { ...memory, [TAPE]: Object.fromEntries(tape.filter(([, trail]) => trail !== null)) } }
  }

  /** What of its state is not what the runs before it left. */
  stateFault(): string | undefined {
    for (const [file, { digest, memory }] of this.#act.stage.memory) {
      const beside = this.#state[file]
      if (memory !== undefined || beside === undefined) continue
      if (digestOf(this.#around.world.store.read(file)?.memory, beside) !== digest) {
        return `${this.name} went on from a memory/${file} that does not follow from the log: it was changed by something that the log does not tell of`
      }
    }
    return undefined
  }

  #publicKeys(): ReturnType<ActionWorld['keys']['publicKeys']> {
    const listed = this.#memory.get(KEYS)?.['keys']
    const known = (Array.isArray(listed) ? listed : []).flatMap((key) => publicKeyIn(key) ?? [])
    return new Map(known.map((key) => [key.id, key]))
  }

  /** The private key is nobody's business here: a signature of the log that holds for this text is the one that was made. */
  #signed(vault: string, text: string, match: Match): { readonly key: string; readonly signed: string } {
    const keys = this.#publicKeys()
    let last = ''
    for (const record of match.outstanding()) {
      const signature = record.kind === 'allocation' && record.vault === vault ? record.signature : undefined
      if (signature === undefined || signature.signed === last) continue
      last = signature.signed
      const known = keys.get(signature.key)
      if (known !== undefined && holds(text, signature.signed, known.key)) return { key: signature.key, signed: signature.signed }
    }
    return { key: '', signed: '' }
  }
}

function publicKeyIn(told: unknown): PublicKey | undefined {
  const { id, vault: owner, key, since } = (told ?? {}) as { readonly [field: string]: unknown }
  const isKey = typeof id === 'string' && typeof owner === 'string' && typeof key === 'string' && typeof since === 'string'
  return isKey ? { id, owner, key, since } : undefined
}

const asMemory = (memory: Json): Memory | undefined => (memory === null ? undefined : (memory as Memory))
const silent = (): void => undefined
const SILENT: ActionWorld['log'] = { debug: silent, info: silent, warn: silent, error: silent }

/** Tools at work, one after another, in one process: the same composition for a single tool and for a fused pipeline. */
import type { Kind, Vanta } from '#record'
import type { Failure } from '#port/failure'
import type { ActionWorld, AnyStreaming, Emit, Stage } from './define.ts'
import { madeBy } from './by.ts'
import type { OptionValue } from './options.ts'
import { Told } from './told.ts'
import { VERSION } from './version.ts'

export interface Running {
  readonly reads: ReadonlySet<Kind>
  readonly stage: Stage
  /** To be told of every record that reaches the tool, before it. */
  hear(record: Vanta): void
}

/** Open a tool with the values its own table gave. */
export async function openStage(tool: AnyStreaming, values: { readonly [name: string]: OptionValue }, world: ActionWorld): Promise<Running> {
  // The one place where the erased types of a description meet: `values` came from this tool's table, and only kinds in
  // `reads` are handed to its stage.
  const open = tool.open as (values: { readonly [name: string]: OptionValue }, world: ActionWorld) => Stage | Promise<Stage>
  const by = madeBy(tool, VERSION, values, world.ambient ?? '', world.folder)
  const running = { reads: new Set(tool.reads), hear: world.hear }
  const told = new Told({ ...world, by }, tool.state ?? {}, tool.kind === 'action')
  const stage = await open(values, told.world)
  // A filter reads memory when it opens, and may do so again, or never: most have nothing to tell.
  return { ...running, stage: tool.kind === 'action' || told.hasRead ? told.telling(stage) : stage }
}

export interface Chain {
  /** Hand in one record; a promise where some stage is still busy with it. */
  push(record: Vanta): void | Promise<void>
  /** End of input: each stage ends after the ones before it have said their last. */
  end(): Promise<void>
  /** Resolves once all that stages sent elsewhere than to the sink is durable there. */
  flushed(): Promise<void>
  /** What came out of the last has left for good: stages keep what says so. */
  landed(): Promise<void>
  /** The first that a stage ends with although all it read counts as done. */
  verdict(): Failure | undefined
}

/** Stages in sequence; what comes out of the last goes to `sink`. */
export function chain(stages: readonly Running[], sink: Emit): Chain {
  const links: Link[] = []
  const busy = { links: 0 }
  let next: Emit = sink
  for (const running of [...stages].reverse()) {
    const link = new Link(running, next, busy)
    links.unshift(link)
    next = link.take
  }
  const first = next
  async function settle(): Promise<void> {
    while (busy.links > 0) await links.find((link) => link.work !== undefined)?.work
  }
  return {
    push(record) {
      first(record)
      if (busy.links > 0) return settle()
    },
    async end() {
      for (const link of links) {
        await link.end()
        await settle()
        await link.flushed()
      }
    },
    async flushed() {
      for (const link of links) await link.flushed()
    },
    async landed() {
      for (const link of links) await link.landed()
    },
    verdict: () => links.map((link) => link.verdict()).find((failure) => failure !== undefined),
  }
}

/**
 * One stage and its place in the chain. Synchronous work runs straight through; while asynchronous work is under way, records
 * wait in order, those the stage does not read included.
 */
class Link {
  readonly #running: Running
  readonly #next: Emit
  /** Shared by the links of a chain: how many have unsettled work. */
  readonly #busy: { links: number }
  #waiting: Vanta[] = []
  /** Unsettled work, or undefined. */
  work: Promise<void> | undefined

  constructor(running: Running, next: Emit, busy: { links: number }) {
    this.#running = running
    this.#next = next
    this.#busy = busy
  }

  readonly take = (record: Vanta): void => {
    if (this.work !== undefined) this.#waiting.push(record)
    else this.#watch(this.#give(record))
  }

  #give(record: Vanta): void | Promise<void> {
    this.#running.hear(record)
    return this.#running.reads.has(record.kind) ? this.#running.stage.each(record, this.#next) : this.#next(record)
  }

  #watch(result: void | Promise<void>): void {
    if (!(result instanceof Promise)) return
    this.#busy.links++
    this.work = result.then(() => this.#drain())
  }

  async #drain(): Promise<void> {
    for (let record = this.#waiting.shift(); record !== undefined; record = this.#waiting.shift()) await this.#give(record)
    this.work = undefined
    this.#busy.links--
  }

  async end(): Promise<void> {
    await this.#running.stage.end?.(this.#next)
  }

  async flushed(): Promise<void> {
    await this.#running.stage.flushed?.()
  }

  async landed(): Promise<void> {
    await this.#running.stage.landed?.()
  }

  verdict(): Failure | undefined {
    return this.#running.stage.verdict?.()
  }
}

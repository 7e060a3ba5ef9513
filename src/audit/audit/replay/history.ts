/** The runs of a log done over, one after another: each line is what a stage made, and is held against what it makes now, or is what stages heard. */
import { identify, make, type Vanta } from '#record'
import { Failure, type ActionWorld } from '#tool'
import type { Bytes } from '#domain/audit/lines'
import { lineName, type WholeLog } from '#domain/audit/whole'
import { makerOf, type Maker } from '#domain/audit/replay/maker'
import type { Finding } from '#domain/audit/replay/match'
import { heardAs } from '#domain/audit/recorder'
import { recordOfLine } from '#domain/audit/links'
import { heardAgain, isMade, lineAt, rememberedIn, startBefore, type Run, type Survey } from '#domain/audit/replay/survey'
import { toolNames } from '../../../tools.ts'
import { actFor, AtVenue, byNow, isReason, levelOf, Rerun, type Act } from './history/rerun.ts'

export interface Question {
  readonly log: WholeLog
  readonly survey: Survey
  readonly isMeant: (record: Vanta) => boolean
  /** The stage whose records are asked about, at a line; all of them where undefined. */
  readonly only: { readonly stage: string; readonly run: Run } | undefined
}

export interface Answer {
  readonly findings: readonly Finding[]
  /** By stage, records rebuilt to the byte. */
  readonly identical: ReadonlyMap<string, number>
  /** By stage, records made now that filters further down may have dropped. */
  readonly dropped: ReadonlyMap<string, number>
  /** Taken as they are: what came from outside, moments, word of people. */
  readonly heard: number
  /** What a venue answered: records of the executor that are taken as they are. */
  readonly told: number
}

const TRADE_LOG = 'trade_log.jsonl'

export function history(question: Question, world: ActionWorld): Promise<Answer> {
  return new History(question, world).answer()
}

/** Where a line was heard: in its own place, or again, by all or only by what stood ahead of the filter that dropped it. */
interface Hearing {
  readonly line: number
  readonly text: string
  readonly isRepeat: boolean
  readonly isDropped: boolean
}

class History {
  readonly #question: Question
  readonly #real: ActionWorld
  /** One for all runs: memory and journals go on from one to the next. */
  readonly #world: ActionWorld
  readonly #findings: Finding[] = []
  readonly #identical = new Map<string, number>()
  readonly #dropped = new Map<string, number>()
  /** Records whose lines do not say what their ids are hashes of. */
  readonly #altered = new Map<string, number>()
  readonly #seen = new Set<string>()
  #heard = 0
  #told = 0
  /** Stages at work, by name; those done over as one are the same. */
  #live = new Map<string, Rerun>()
  /** Stages whose work was told by a venue. */
  #venues = new Set<string>()

  constructor(question: Question, world: ActionWorld) {
    this.#question = question
    this.#real = world
    this.#world = world.simulate().world
  }

  async answer(): Promise<Answer> {
    const { survey: { runs }, only } = this.#question
    for (const run of runs) {
      const reruns = await this.#open(run)
      if (reruns.length > 0 || this.#venues.size > 0 || only === undefined) await this.#read(run)
      for (const rerun of reruns) await this.#close(rerun)
      if (run === only?.run) break
    }
    return { findings: this.#findings, identical: this.#identical, dropped: this.#dropped, heard: this.#heard, told: this.#told }
  }

  async #open(run: Run): Promise<readonly Rerun[]> {
    const { log, survey, isMeant, only } = this.#question
    const acts: Act[] = []
    for (const stage of run.stages.values()) {
      const act = await actFor(stage, this.#real.folder)
      if (act !== undefined && isNeeded(act, run, only)) acts.push(act)
    }
    const before: Bytes = { size: () => survey.offsets[run.first - 1] ?? 0, read: (position, into) => log.read(position, into) }
    const around = { world: this.#world, before, tape: run.tape, isMeant, inputFault: this.#inputFault }
    const reruns: Rerun[] = []
    this.#live = new Map()
    this.#venues = new Set()
    for (const group of grouped(acts)) {
      try {
        const rerun = await Rerun.open(group, { ...around, drops: group.every(({ order }) => levelOf(order) === 0) })
        reruns.push(rerun)
        for (const { stage: { name } } of group) this.#live.set(name, rerun)
      } catch (error) {
        const names = group.map(({ stage: { name } }) => name)
        if (error instanceof AtVenue) names.forEach((name) => this.#venues.add(name))
        else if (error instanceof Failure) this.#findings.push(failed(names.join(', '), error))
        else throw error
      }
    }
    return reruns
  }

  async #read(run: Run): Promise<void> {
    const { log, survey } = this.#question
    for (let line = run.first; line <= run.last; line++) {
      const text = lineAt(log, survey, line), record = recordOfLine(text)
      if (record === undefined || (record.kind === 'control' && (record.type === 'run' || record.type === 'genesis'))) continue
      if (record.kind !== 'control' || record.type !== 'again') {
        await this.#take(record, { line, text, isRepeat: false, isDropped: false }, run)
        continue
      }
      for (const { line: earlier, otherwise, isDropped } of heardAgain(record, startBefore(survey.starts, line))) {
        const before = lineAt(log, survey, earlier), repeated = recordOfLine(before)
        const said = repeated === undefined || otherwise === undefined ? repeated : heardAs(repeated, otherwise)
        if (said !== undefined) await this.#take(said, { line: earlier, text: before, isRepeat: true, isDropped }, run)
      }
    }
  }

  async #take(record: Vanta, { line, text, isRepeat, isDropped }: Hearing, run: Run): Promise<void> {
    const maker = makerOf(record.by), stage = maker?.stage ?? ''
    const own = isMade(record) ? this.#live.get(stage) : undefined
    const isTick = record.kind === 'control' && record.type === 'tick'
    this.#seen.add(record.id)
    if (own === undefined) this.#heed(record, line, text, stage)
    else {
      own.match.expect(line, record, text, isRepeat)
      // A moment depends on when prices passed, and not all of them are logged: it is taken as it is, but for who says so.
      if (isTick && maker !== undefined) own.match.make(tickAgain(record, run.stages.get(stage)?.maker ?? maker))
    }
    const level = maker === undefined ? 0 : levelOf(toolNames.indexOf(maker.tool))
    for (const rerun of new Set(this.#live.values())) {
      if (isDropped && rerun.level > 0) continue
      const hears = rerun === own ? isTick : level < rerun.level || (level === 0 && rerun.level === 0)
      if (hears) await this.#guarded(rerun, () => rerun.push(record))
    }
  }

  /** What is taken as it is. */
  #heed(record: Vanta, line: number, text: string, stage: string): void {
    if (identify(record) !== record.id) this.#altered.set(record.id, line)
    if (this.#venues.has(stage) && isMade(record)) {
      this.#told += 1
      this.#world.journal(TRADE_LOG).append(text)
      return
    }
    this.#heard += 1
    const memory = record.kind === 'control' ? rememberedIn(record) : undefined
    if (memory !== undefined) this.#live.get(stage)?.remember(stage, memory.file, memory.memory, record.known_at)
  }

  /** What ended the run then ends it now; what is missing because of it is found by itself. */
  async #guarded(rerun: Rerun, work: () => void | Promise<void>): Promise<void> {
    try {
      if (rerun.failure === undefined) await work()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      rerun.failure = error.message
    }
  }

  async #close(rerun: Rerun): Promise<void> {
    const { names, match } = rerun
    await this.#guarded(rerun, () => rerun.end())
    match.end()
    if (rerun.failure !== undefined && match.findings.length > 0) match.fail(rerun.failure)
    const name = [...names].join(', ')
    add(this.#identical, name, match.identical)
    add(this.#dropped, name, match.dropped)
    this.#findings.push(...match.findings)
  }

  #alteredText(id: string, line: number): string {
    return `${lineName(this.#question.log.parts, line - 1)}, record ${id}, was altered: it does not say what its id is a hash of`
  }

  readonly #inputFault = ({ parents }: Vanta): string | undefined => {
    for (const parent of parents) {
      const line = this.#altered.get(parent)
      if (line !== undefined) return this.#alteredText(parent, line)
      if (!this.#seen.has(parent)) return `record ${parent}, its parent, is not in the log`
    }
    const [first] = this.#altered
    return first && this.#alteredText(...first)
  }
}

/** Records of one stage are asked about: what it goes on from is done over too, and nothing else. */
function isNeeded({ stage, act, order }: Act, run: Run, only: Question['only']): boolean {
  if (only === undefined) return true
  const target = only.run.stages.get(only.stage)
  if (target === undefined) return false
  const targetOrder = toolNames.indexOf(target.maker.tool)
  // Filters and folds begin anew with every run.
  if (act.kind !== 'action') return run === only.run && (stage.name === only.stage || isReason(order) && isReason(targetOrder))
  return stage.name === only.stage || (order === EXECUTES && targetOrder > EXECUTES)
}

const EXECUTES = toolNames.indexOf('vanta-exec')

/** In the order of the loop. */
function grouped(acts: readonly Act[]): readonly (readonly Act[])[] {
  const ordered = [...acts].sort((a, b) => a.order - b.order), reason = ordered.filter(({ order }) => isReason(order))
  const [first] = reason
  return ordered.filter((act) => act === first || !isReason(act.order)).map((act) => (act === first ? reason : [act]))
}

function add(counts: Map<string, number>, name: string, count: number): void {
  if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count)
}

const failed = (stage: string, { message }: Failure): Finding =>
  ({ line: undefined, id: '', kind: '', knownAt: '', stage, cause: 'failed', detail: message })

function tickAgain({ at, known_at, source }: Vanta, maker: Maker): Vanta {
  return make('control', { at, known_at, source, by: byNow(maker), type: 'tick' })
}

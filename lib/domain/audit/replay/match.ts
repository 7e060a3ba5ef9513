/** What a stage made in a log, and what it makes when it is done over, one against the other. */
import { identify, type Vanta } from '#record'
import { lineAsNoted, unlikeFields, unlikeText } from '../compare.ts'
import { makerOf, type Maker } from './maker.ts'

/**
 * Why a record is not the same when it is made again. `version`, `option`: another of the tool; `file`: a file that an option names; `input`: a
 * record that it was made from was altered, or is not in the log; `memory`: what the tool went on from does not follow from the log; `record`: the
 * line itself was altered; `code`: same version, options and input, and other bytes: the code, or data that is part of it; `failed`: it ended early.
 */
export type Cause = 'version' | 'option' | 'file' | 'input' | 'memory' | 'record' | 'code' | 'failed'

export interface Finding {
  /** Where the record stands; undefined where it was made now and is not in the log. */
  readonly line: number | undefined
  readonly id: string
  readonly kind: string
  readonly knownAt: string
  readonly stage: string
  readonly cause: Cause
  readonly detail: string
}

/** What is known about the input of a stage. */
export interface Circumstances {
  /** Of the tool that makes it now. */
  readonly version: string
  /** By stage, of those that stood one behind another. */
  readonly makers: ReadonlyMap<string, Maker>
  /** Says what is wrong with what a record was made from; undefined where nothing is. */
  readonly inputFault: (record: Vanta) => string | undefined
  /** Says what of its memory does not follow. */
  readonly memoryFault: () => string | undefined
  /** Says which file that an option names is another now. */
  readonly fileFault: string | undefined
}

interface Expected {
  readonly line: number
  readonly record: Vanta
  readonly text: string
  /** Logged by an earlier run, and only heard again in this one. */
  readonly isRepeat: boolean
}

export class Match {
  readonly #around: Circumstances
  readonly #expected = new Map<string, Expected>()
  readonly #made = new Map<string, Vanta>()
  readonly findings: Finding[] = []
  /** Rebuilt to the byte. */
  identical = 0
  /** Made now and not in the log, where tools further down drop some of what passes. */
  dropped = 0
  readonly #drops: boolean
  readonly #isMeant: (record: Vanta) => boolean

  /** `drops`: that a record is not in the log says nothing, because something may have dropped it. `isMeant`: it is asked about. */
  constructor(around: Circumstances, drops: boolean, isMeant: (record: Vanta) => boolean) {
    this.#around = around
    this.#drops = drops
    this.#isMeant = isMeant
  }

  /** A line of the log that the stage made. */
  expect(line: number, record: Vanta, text: string, isRepeat: boolean): void {
    const made = this.#made.get(record.id), expected = { line, record, text, isRepeat }
    if (made === undefined) {
      this.#expected.set(record.id, expected)
      return
    }
    this.#made.delete(record.id)
    this.#compare(expected, made)
  }

  /** A record that it makes now. */
  make(record: Vanta): void {
    const expected = this.#expected.get(record.id)
    if (expected === undefined) {
      this.#made.set(record.id, record)
      return
    }
    this.#expected.delete(record.id)
    this.#compare(expected, record)
  }

  /** When the first of what is still to be made was known, as the log has it: what the tool's clock said. */
  get next(): string | undefined {
    for (const { record, isRepeat } of this.#expected.values()) if (!isRepeat) return record.known_at
    return undefined
  }

  /** Lines that are still to be made. */
  *outstanding(): Generator<Vanta> {
    for (const { record } of this.#expected.values()) yield record
  }

  /** All input has been read. What is made from here on may be missing because the run was cut off. */
  ending(): void {
    const places = new Set([...this.#expected.values()].map(({ record }) => placeOf(record)))
    for (const [id, record] of this.#made) {
      if (places.has(placeOf(record))) continue
      this.#made.delete(id)
      if (this.#drops) this.dropped += 1
      else if (this.#isMeant(record)) this.#find(undefined, record, this.#causeOf(record), 'it is made now and is not in the log')
    }
  }

  /** All has been made. */
  end(): void {
    const alikes = new Map([...this.#made.values()].map((made) => [placeOf(made), made]))
    for (const { line, record, text, isRepeat } of this.#expected.values()) {
      if (isRepeat || !this.#isMeant(record)) continue
      const alike = alikes.get(placeOf(record))
      const detail = alike === undefined ? 'nothing like it is made' : unlikeText(unlikeFields(text, lineAsNoted(alike, record)))
      this.#find(line, record, this.#causeOf(record), detail)
    }
    this.#expected.clear()
    this.#made.clear()
  }

  #compare({ line, record, text, isRepeat }: Expected, made: Vanta): void {
    // The first line of a record stands for all hearings of it.
    if (isRepeat || !this.#isMeant(record)) return
    const unlike = unlikeFields(text, lineAsNoted(made, record))
    if (unlike.length === 0) this.identical += 1
    else this.#find(line, record, this.#causeOf(record), unlikeText(unlike))
  }

  #causeOf(record: Vanta): { readonly cause: Cause; readonly why: string } {
    const { version, makers, inputFault, memoryFault, fileFault } = this.#around
    if (identify(record) !== record.id) return { cause: 'record', why: 'the line does not say what its id is a hash of' }
    const by = makerOf(record.by)
    if (by?.version !== undefined && by.version !== version) return { cause: 'version', why: `made by version ${by.version}, rebuilt by ${version}` }
    const maker = by && makers.get(by.stage)
    if (by !== undefined && maker !== undefined && by.words !== maker.words) {
      return { cause: 'option', why: `made with "${by.words}", rebuilt with "${maker.words}" as most of the run` }
    }
    if (fileFault !== undefined) return { cause: 'file', why: fileFault }
    const input = inputFault(record)
    if (input !== undefined) return { cause: 'input', why: input }
    const memory = memoryFault()
    if (memory !== undefined) return { cause: 'memory', why: memory }
    return { cause: 'code', why: `version ${version} with the same options and input makes other bytes: its code differs, or data that is part of it` }
  }

  #find(line: number | undefined, record: Vanta, { cause, why }: { readonly cause: Cause; readonly why: string }, detail: string): void {
    const { id, kind, known_at: knownAt } = record
    this.findings.push({ line, id, kind, knownAt, stage: makerOf(record.by)?.stage ?? record.by, cause, detail: `${why} (${detail})` })
  }

  /** It could not go on. */
  fail(why: string): void {
    const stage = [...this.#around.makers.keys()].join(', ')
    this.findings.push({ line: undefined, id: '', kind: '', knownAt: '', stage, cause: 'failed', detail: why })
  }
}

/** Records in each other's place: of one kind, subject and moment. */
function placeOf(record: Vanta): string {
  const { kind, at, source, subject, type, state } = record as Vanta & { readonly [field: string]: unknown }
  return [kind, at, source, subject, type, state].map((part) => String(part ?? '')).join(' ')
}

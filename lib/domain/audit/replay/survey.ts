/**
 * A log read once before anything is done over: where its lines stand, where its runs begin, and which tools, with which words and on which
 * memory, made something in each.
 */
import type { Control, Json, Vanta } from '#record'
import { LineCursor, readFully, type Bytes } from '../lines.ts'
import { recordOfLine } from '../links.ts'
import { idOfLine } from '../files.ts'
import { makerOf, type Maker } from './maker.ts'

export interface Stage {
  readonly name: string
  /** Of most of what it made in the run. */
  readonly maker: Maker
  /** Memory files as they were when they were first read, by name. */
  readonly memory: ReadonlyMap<string, Remembered>
}

/** What a `memory` record says of one file. */
export interface Remembered {
  readonly digest: string
  /** Settings in full, null where there was no such file; undefined of state, which follows from what was read. */
  readonly memory: Json | undefined
}

/** One reader's stretch of the log; both lines are part of it, and count from 1, through all logs. */
export interface Run {
  readonly first: number
  last: number
  readonly stages: ReadonlyMap<string, Stage>
  /** What passed in earlier runs of subjects that came into view in this one. */
  readonly tape: { [subject: string]: Json }
}

export interface Survey {
  /** At which lines logs begin, from 0, the first of them 0. */
  readonly starts: readonly number[]
  readonly runs: readonly Run[]
  readonly lines: number
  /** Where each line begins, the first at 0; and where the last ends. */
  readonly offsets: readonly number[]
  /** The line of the record asked for. */
  readonly target: number | undefined
  /** Lines that are no records. */
  readonly unread: readonly number[]
}

const BY = /"by":"((?:[^"\\]|\\.)*)"/
const CONTROL = '{"kind":"control"'
/** Word of the log to itself. */
const OWN: ReadonlySet<string> = new Set(['genesis', 'run', 'again', 'carried'])
/** Word to people or of them: nothing that a stage makes of records. */
const UNMADE: ReadonlySet<string> = new Set([...OWN, 'memory', 'overlay', 'movement', 'difference', 'request'])

/** Whether a record was made from others in a way that can be done over. */
export const isMade = (record: Vanta): boolean => record.kind !== 'control' || !UNMADE.has(record.type)

/** `starts` are the lines at which logs begin, from 0. */
export function survey(log: Bytes, wanted: string | undefined, starts: readonly number[] = [0]): Survey {
  const cursor = new LineCursor(log)
  const runs: Surveyed[] = []
  const offsets: number[] = [], unread: number[] = []
  let target: number | undefined
  while (cursor.next()) {
    offsets.push(cursor.offset)
    const text = cursor.text()
    const control = controlOf(text)
    const before = startBefore(starts, cursor.count)
    // A log that was opened while a run was at work is of that run, until another begins.
    if (cursor.count === 1 || control?.type === 'run') runs.push({ first: cursor.count, last: cursor.count, stages: new Map(), makers: new Map(), tape: {} })
    const run = runs.at(-1)
    if (run === undefined) continue
    run.last = cursor.count
    if (idOfLine(cursor.buffer, cursor.start, cursor.end) === undefined) unread.push(cursor.count)
    else if (wanted !== undefined && idOfLine(cursor.buffer, cursor.start, cursor.end) === wanted) target = cursor.count
    note(run, byIn(text), control)
    if (control?.type === 'carried') Object.assign(run.tape, control.facts?.['tape'])
    if (control?.type !== 'again') continue
    for (const { line, otherwise, isDropped } of heardAgain(control, before)) {
      if (isDropped) continue
      const again = lineAt(log, { offsets }, line), by = otherwise?.['by']
      // Made again with other words, it says so.
      note(run, typeof by === 'string' ? by : byIn(again), controlOf(again))
    }
  }
  offsets.push(cursor.nextOffset)
  for (const { stages, makers } of runs) {
    for (const [name, bys] of makers) {
      const [by = ''] = [...bys].sort((a, b) => b[1] - a[1])[0] ?? []
      const maker = makerOf(by)
      if (maker !== undefined) stages.set(name, { name, maker, memory: stages.get(name)?.memory ?? new Map() })
    }
    // What only read, and made nothing, decided nothing that the log tells of.
    for (const name of [...stages.keys()]) if (!makers.has(name)) stages.delete(name)
  }
  return { starts, runs, lines: cursor.count, offsets, target, unread }
}

/** Lines of the logs before the one that a line, counted from 1, stands in. */
export const startBefore = (starts: readonly number[], line: number): number => starts.findLast((start) => start < line) ?? 0

interface Surveyed extends Run {
  readonly stages: Map<string, Stage>
  /** By stage, how often each `by` stands there. */
  readonly makers: Map<string, Map<string, number>>
}

/** What a line, heard in a run, tells of who was at work. */
function note(run: Surveyed, by: string, control: Control | undefined): void {
  const maker = makerOf(by)
  if (maker === undefined) return
  if (control?.type === 'memory') remember(run.stages, maker, control)
  else if (control === undefined || isMade(control)) count(run.makers, maker.stage, by)
}

function controlOf(text: string): Control | undefined {
  const record = text.startsWith(CONTROL) ? recordOfLine(text) : undefined
  return record?.kind === 'control' ? record : undefined
}

function count(makers: Map<string, Map<string, number>>, stage: string, by: string): void {
  let bys = makers.get(stage)
  if (bys === undefined) makers.set(stage, (bys = new Map()))
  bys.set(by, (bys.get(by) ?? 0) + 1)
}

function byIn(text: string): string {
  const by = BY.exec(text)?.[1] ?? ''
  return by.includes('\\') ? (JSON.parse(`"${by}"`) as string) : by
}

function remember(stages: Map<string, Stage>, maker: Maker, control: Control): void {
  const told = rememberedIn(control)
  if (told === undefined) return
  const stage = stages.get(maker.stage) ?? { name: maker.stage, maker, memory: new Map<string, Remembered>() }
  stages.set(maker.stage, stage)
  const memory = stage.memory as Map<string, Remembered>
  if (!memory.has(told.file)) memory.set(told.file, told)
}

/** What a `memory` record says; undefined of all others. */
export function rememberedIn({ type, facts }: Control): (Remembered & { readonly file: string }) | undefined {
  if (type !== 'memory' || typeof facts?.['file'] !== 'string' || typeof facts['digest'] !== 'string') return undefined
  return { file: facts['file'], digest: facts['digest'], memory: facts['memory'] as Json | undefined }
}

/** The text of one line, counted from 1. */
export function lineAt(log: Bytes, { offsets }: Pick<Survey, 'offsets'>, line: number): string {
  const from = offsets[line - 1] ?? 0, to = (offsets[line] ?? from + 1) - 1
  const bytes = Buffer.alloc(Math.max(0, to - from))
  return bytes.toString('utf8', 0, readFully(log, from, bytes))
}

export interface Again {
  readonly line: number
  readonly otherwise: { readonly [field: string]: Json } | undefined
  /** It went no further than a filter that knew it. */
  readonly isDropped: boolean
}

/**
 * Lines that an `again` record stands for, in order, with what was said otherwise of each; so many lines are `before` those of its log. It tells
 * lines of older logs as numbers below 1.
 */
export function* heardAgain({ facts }: Control, before: number): Generator<Again> {
  const otherwise = (facts?.['otherwise'] ?? {}) as { readonly [line: string]: { readonly [field: string]: Json } }
  for (const name of ['dropped', 'lines'] as const) {
    const ranges = facts?.[name]
    for (const range of Array.isArray(ranges) ? ranges : []) {
      if (!Array.isArray(range)) continue
      for (let line = Number(range[0]); line <= Number(range[1]); line++) {
        yield { line: before + line, otherwise: otherwise[String(line)], isDropped: name === 'dropped' }
      }
    }
  }
}

/**
 * Is anything known before its time? The loop is played again while the record itself ends, physically, at one random moment after the other: it is
 * read anew at each cut, and its next part goes on into the same loop. So every decision is made once more with a record that ends soon after it, for
 * the price of one more pass; that it must be the same, byte for byte, as with the whole record is the check. A stage that peeks is planted last:
 * were it not caught, the check would be worth nothing.
 */
import { formatInstant, isAfter, KINDS, type Millis, type Summary } from '#record'
import type { ActionWorld, CollectorWorld, Emit } from '#tool'
import { callCollector } from '#tool/call'
import { openSteps, type Step } from '#tool/pipeline'
import { chain, type Chain, type Running } from '#tool/stage'
import { Comparison, Decisions } from '#domain/backtest/decisions'
import { closesIn, cutFolder } from '#wire/cut_folder'
import { DAILY_BARS } from '#wire/data_folder'
import { findTool } from '../../tools.ts'
import { quiet, withFolder } from './with_folder.ts'

export interface LeakTerms {
  readonly cuts: number
  readonly data: string
  /** What the collector of history was asked, but for where it begins and ends. */
  readonly words: readonly string[]
  readonly fromMs: Millis
  readonly untilMs: Millis
  /** Of the loop, but for the audit log. */
  readonly steps: readonly Step[]
  /** A simulated world with its vaults, leaving nothing behind. */
  readonly open: () => Promise<ActionWorld>
}

export type Leakcheck = NonNullable<Summary['leakcheck']>

export async function leakcheck(whole: Decisions, terms: LeakTerms, world: ActionWorld): Promise<Leakcheck> {
  const random = world.random('leakcheck')
  const cutsMs = Array.from({ length: terms.cuts }, () => terms.fromMs + random.integer(terms.untilMs - terms.fromMs)).sort((a, b) => a - b)
  const folder = cutFolder(world.folder, terms.data)
  const reader = withFolder(quiet(world), folder)
  const compared = new Comparison(whole)
  const again = await opened(terms, [], (record) => compared.take(record))
  for (const [i, untilMs] of [...cutsMs, terms.untilMs].entries()) {
    folder.cutAt(i < cutsMs.length ? untilMs : Infinity)
    await part(terms, cutsMs[i - 1] ?? -Infinity, untilMs, reader, again)
    world.progress(`leak check: cut ${Math.min(i + 1, cutsMs.length)} of ${cutsMs.length}, ${compared.unlike} decisions unlike`)
  }
  await again.end()
  compared.end()
  const planted = await plant(cutsMs, terms, world)
  world.progress('')
  return {
    cuts: cutsMs.length, decisions: compared.compared, leaks: compared.unlike,
    ...(compared.firstUnlike !== undefined && { first_leak: compared.firstUnlike }),
    planted_caught: planted !== undefined, ...(planted !== undefined && { planted_at_cut: planted }),
  }
}

/** The same check on a loop with a stage that peeks; the cut at which it was caught. */
async function plant(cutsMs: readonly Millis[], terms: LeakTerms, world: ActionWorld): Promise<number | undefined> {
  const folder = cutFolder(world.folder, terms.data)
  const full = new Decisions(), compared = new Comparison(full)
  const peeking = await opened(terms, [peek(terms.data, world.folder, () => 0)], (record) => full.take(record))
  let cuts = 0
  const blinded = await opened(terms, [peek(terms.data, folder, () => cuts)], (record) => compared.take(record))
  for (const [i, untilMs] of cutsMs.entries()) {
    const afterMs = cutsMs[i - 1] ?? -Infinity
    await part(terms, afterMs, untilMs, world, peeking)
    folder.cutAt(untilMs)
    cuts = i + 1
    await part(terms, afterMs, untilMs, withFolder(quiet(world), folder), blinded)
    world.progress(`leak check: looking for the stage that peeks, cut ${i + 1} of ${cutsMs.length}`)
    if (compared.unlike > 0 || compared.compared < full.count) return i + 1
  }
  return undefined
}

/** Trades that the price a week later speaks against are let go of: what nobody could know, and every leak comes to in the end. */
function peek(data: string, files: Pick<ActionWorld['folder'], 'read' | 'list'>, version: () => number): Running {
  const WEEK_MS = 7 * 86_400_000
  let seen = -1
  let closes: ReturnType<typeof closesIn>[] = []
  const later = (subject: string, at: string): boolean => {
    if (seen !== version()) {
      seen = version()
      const names = files.list(`${data}/bars`).filter((name) => DAILY_BARS.some((pattern) => pattern.test(name)))
      closes = names.map((name) => closesIn(files, `${data}/bars/${name}`))
    }
    const days = closes.find((file) => file.has(subject.slice('ticker:'.length)))?.get(subject.slice('ticker:'.length)) ?? []
    const now = days.findLast(([ms]) => formatInstant(ms) <= at), week = days.findLast(([ms]) => formatInstant(ms - WEEK_MS) <= at)
    return now !== undefined && week !== undefined && week[1] < now[1]
  }
  return {
    reads: new Set(KINDS),
    hear: () => undefined,
    stage: {
      each(record, emit) {
        if (record.kind !== 'signal' || record.subject === undefined || !later(record.subject, record.known_at)) emit(record)
      },
    },
  }
}

async function opened({ steps, open }: LeakTerms, planted: readonly Running[], sink: Emit): Promise<Chain> {
  const stages = await openSteps(steps, findTool, await open())
  // Behind the first step, where readings have their subjects.
  return chain([...stages.slice(0, 1), ...planted, ...stages.slice(1)], sink)
}

/** Hand on what became known between two moments, as the folder stands now. */
async function part({ words, fromMs }: LeakTerms, afterMs: Millis, untilMs: Millis, reader: CollectorWorld, into: Chain): Promise<void> {
  const until = formatInstant(untilMs)
  const spanned = ['--from', formatInstant(fromMs), '--to', until, ...(afterMs === -Infinity ? [] : ['--after', formatInstant(afterMs)])]
  for await (const record of await callCollector(findTool, 'vanta-replay', [...words, ...spanned], reader)) {
    if (isAfter(record.known_at, until)) continue
    const busy = into.push(record)
    if (busy !== undefined) await busy
  }
}

import { LINES } from '#domain/audit/files'
import { LineCursor } from '#domain/audit/lines'
import { recordOfLine } from '#domain/audit/links'
import { WholeLog } from '#domain/audit/whole'
import { JOBS } from '#domain/node/jobs'
import {
  dailyLine, dayText, firstSeen, isOfDay, isSettled, Latencies, runtimeLine, SETTLED_MS, SLOTS, slotEndOf, TARGET, type DailyLine, type SlotEnd,
} from '#domain/operate/daily'
import { columns } from '#domain/report/columns'
import { DAY_MS, parseMoment, type Millis } from '#record'
import { command, Failure, type ActionWorld, type Answer } from '#tool'

const DAILY = 'vanta-daily.log', RUNTIME = 'vanta-daily-runtime.log'
/** Days that are looked at where none is named. */
const MOST_DAYS = 31

export default command({
  name: 'vanta-diagnostics sla',
  summary: 'How each day went: cycles that were due and done, how late things were known, how long jobs took.',
  about: [
    `From logs/${SLOTS}, where every slot of a job is told, and logs/${LINES}. Due are the slots of the schedule, whether anybody was there or not; done`,
    `in time is what ended within the time that its job is to be fresh; ${TARGET * 100} % of the cycles of ingestion and execution must be. Latencies are of`,
    'nearest rank: by source from happening to being known; of convictions and orders from when the last of what they rest on was known. A day that is',
    `over for an hour gets its line in logs/${DAILY} and logs/${RUNTIME}, once; the same day gives the same line, and one that`,
    'differs from what was written is told. Exit 1: a day missed its target, or differs.',
  ].join(' '),
  options: {
    from: { kind: 'moment', help: 'first day (default: the one after the last that has its line)' },
    to: { kind: 'moment', help: 'last day (default: yesterday); today is told, and not written' },
    json: { kind: 'flag', help: `the lines of ${DAILY}` },
  },
  examples: [{ run: 'vanta-diagnostics sla --home /nowhere', note: 'nothing was ever due', status: 1 }],
  act({ from, to, json }, _operands, world): Answer {
    const ends = endsIn(world), written = linesOf(DAILY, world), runtimes = linesOf(RUNTIME, world)
    const nowMs = world.clock.now(), since = firstSeen(ends), days = daysMeant({ from, to }, since, [...written.keys()].sort().at(-1), nowMs)
    const latencies = latenciesOf(days, world), jobs = JOBS.filter(({ role }) => since.has(role))
    let isSame = true
    const lines = days.map((dayMs) => {
      const own = ends.filter((end) => isOfDay(end, dayMs))
      const line = dailyLine({ dayMs, jobs, ends: own, since, nowMs, latencies: latencies.get(dayMs) ?? new Latencies() })
      if (!isSettled(dayMs, nowMs)) return line
      const daily = keep(DAILY, dayMs, JSON.stringify(line), written, world)
      isSame = keep(RUNTIME, dayMs, JSON.stringify(runtimeLine(dayMs, own)), runtimes, world) && daily && isSame
      return line
    })
    if (json) for (const line of lines) world.print(JSON.stringify(line))
    else for (const line of columns(rowsOf(lines), new Set([1, 2, 3, 4, 5, 6, 7, 8]))) world.print(line)
    return isSame && lines.every(({ met }) => met) ? 'done' : 'negative'
  },
})

function endsIn({ journal }: ActionWorld): readonly SlotEnd[] {
  return [...journal(SLOTS).lines()].flatMap((line) => {
    const record = recordOfLine(line)
    return record?.kind === 'control' ? slotEndOf(record) ?? [] : []
  })
}

/** Lines of a daily log, by day. */
function linesOf(name: string, { journal }: ActionWorld): ReadonlyMap<string, string> {
  return new Map([...journal(name).lines()].flatMap((line) => {
    const day = /^\{"day":"(\d{4}-\d\d-\d\d)"/.exec(line)?.[1]
    return day === undefined ? [] : [[day, line] as const]
  }))
}

/** Whether the day's line is there, and was not another before. */
function keep(name: string, dayMs: Millis, line: string, written: ReadonlyMap<string, string>, { journal, log }: ActionWorld): boolean {
  const before = written.get(dayText(dayMs))
  if (before === line) return true
  if (before !== undefined) {
    log.warn(`logs/${name}: ${dayText(dayMs)} is written otherwise than it comes out now; the line stays`)
    return false
  }
  const file = journal(name)
  file.append(line)
  file.sync()
  return true
}

interface Span {
  readonly from: Millis | undefined
  readonly to: Millis | undefined
}

function daysMeant({ from, to }: Span, since: ReadonlyMap<string, Millis>, written: string | undefined, nowMs: Millis): readonly Millis[] {
  const day = (ms: Millis): Millis => Math.floor(ms / DAY_MS) * DAY_MS
  const first = [...since.values()].reduce((least, one) => Math.min(least, one), Infinity)
  if (from === undefined && !Number.isFinite(first)) throw new Failure('negative', `no slot was ever due: there is no logs/${SLOTS} (vanta-orchestrator)`)
  const last = day(to ?? nowMs - DAY_MS - SETTLED_MS)
  const start = from ?? Math.max(written === undefined ? first : (parseMoment(written) ?? 0) + DAY_MS, last - (MOST_DAYS - 1) * DAY_MS)
  const days: Millis[] = []
  for (let dayMs = day(start); dayMs <= last; dayMs += DAY_MS) days.push(dayMs)
  return days
}

/** One pass over the record, for all the days. */
function latenciesOf(days: readonly Millis[], { logs }: ActionWorld): ReadonlyMap<Millis, Latencies> {
  const found = new Map(days.map((dayMs) => [dayMs, new Latencies()])), log = new WholeLog(logs)
  try {
    for (const cursor = new LineCursor(log); found.size > 0 && cursor.next();) {
      const text = cursor.text(), dayMs = parseMoment(/"known_at":"(\d{4}-\d\d-\d\d)T/.exec(text)?.[1] ?? '') ?? NaN
      const today = found.get(dayMs), tomorrow = found.get(dayMs + DAY_MS)
      const record = today === undefined && tomorrow === undefined ? undefined : recordOfLine(text)
      if (record === undefined) continue
      today?.hear(record, true)
      tomorrow?.hear(record, false)
    }
  } finally {
    log.close()
  }
  return found
}

function rowsOf(lines: readonly DailyLine[]): readonly (readonly string[])[] {
  const ms = (spread: { readonly p50_ms: number; readonly p99_ms: number } | null): string => (spread === null ? '-' : `${spread.p50_ms} / ${spread.p99_ms}`)
  return [
    ['DAY', 'AVAILABILITY', 'DUE', 'DONE', 'LATE', 'FAILED', 'MISSED', 'CONVICTION ms p50 / p99', 'ORDER ms p50 / p99'],
    ...lines.map(({ day, availability, met, cycles: { ingestion, execution }, conviction, order }) => {
      const sum = (name: keyof typeof ingestion): string => String(ingestion[name] + execution[name])
      const share = availability === null ? '-' : `${met ? '' : 'MISSED '}${(availability * 100).toFixed(3)} %`
      return [day, share, sum('due'), sum('done'), sum('late'), sum('failed'), sum('missed'), ms(conviction), ms(order)]
    }),
  ]
}

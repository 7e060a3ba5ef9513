import { formatInstant } from '#record'
import { command, Failure, verbs, type ActionWorld, type Options, type ValuesOf } from '#tool'
import { nodeSettings } from '#tool/node_home'
import { columns } from '#domain/report/columns'
import type { BusKind } from '#domain/bus/address'
import { commandOf, type Job } from '#domain/node/job'
import { JOBS } from '#domain/node/jobs'
import { decide } from '#domain/node/plan'
import { isRole, ROLES } from '#domain/node/role'
import { nextSlot, onCalendar } from '#domain/node/schedule'
import { Ledger } from './orchestrator/ledger.ts'
import { once as runOnce } from './orchestrator/once.ts'
import { watch as keepOn } from './orchestrator/watch.ts'

const choosing = {
  role: { kind: 'list', help: `whose jobs: ${ROLES.join(', ')}; several on a single machine (default: that of the home)` },
  job: { kind: 'list', help: 'only these jobs' },
  bus: { kind: 'choice', choices: ['file', 'redis', 'kafka'], help: 'where the streams between the nodes are (default: as the home says, or file)' },
} as const satisfies Options

interface Choice {
  readonly jobs: readonly Job[]
  readonly bus: BusKind
}

/** Throws Failure `usage` on roles and jobs that are none, `refused` where the home is of another role. */
function chosen({ role, job, bus }: ValuesOf<typeof choosing>, world: ActionWorld): Choice {
  const node = nodeSettings(world), names = role ?? (node === undefined ? [] : [node.role])
  if (names.length === 0) throw new Failure('usage', `--role is required: ${ROLES.join(', ')}`)
  const roles = names.map((name) => {
    if (!isRole(name)) throw new Failure('usage', `--role: expected ${ROLES.join(', ')}, got "${name}"`)
    if (node !== undefined && node.role !== name) throw new Failure('refused', `this home is of a node of the role ${node.role}, not ${name}`)
    return name
  })
  // What every node does, one that is several does once.
  const lineOf = (one: Job): string => commandOf(one, 'file').join(' '), all = JOBS.filter((one) => roles.includes(one.role)), lines = all.map(lineOf)
  const there = all.filter((_, i) => lines.indexOf(lines[i] ?? '') === i), unknown = job?.find((name) => !there.some((one) => one.name === name))
  if (unknown !== undefined) throw new Failure('usage', `--job: no job "${unknown}"; there are ${there.map(({ name }) => name).join(', ')}`)
  return { jobs: there.filter(({ name }) => job?.includes(name) !== false), bus: bus ?? node?.bus ?? 'file' }
}

const list = command({
  name: 'vanta-orchestrator list',
  summary: 'The jobs of a node: when each is due next, how it ended last, and what it runs.',
  options: { ...choosing, calendar: { kind: 'flag', help: 'the calendar of each timer instead of its command' } },
  examples: ['vanta-orchestrator list --role executor', 'vanta-orchestrator list --role markets --calendar'],
  act({ calendar, ...choice }, _, world) {
    const { jobs, bus } = chosen(choice, world), ledger = new Ledger(world, () => undefined), nowMs = world.clock.now()
    const rows = jobs.map((job) => {
      const next = job.kind === 'timer' ? nextSlot(job.schedule, nowMs) : undefined, { last } = ledger.read(job)
      const what = calendar ? (job.kind === 'timer' ? onCalendar(job.schedule) : '-') : commandOf(job, bus).join(' ')
      const due = next === undefined ? 'stream' : `${formatInstant(next).slice(0, 16)}Z`
      const ended = last === undefined ? '-' : `${last.outcome} ${last.slot.slice(0, 16)}Z`
      return [job.role, job.name, due, ended, what]
    })
    for (const line of columns([['ROLE', 'JOB', 'NEXT', 'LAST', calendar ? 'CALENDAR' : 'COMMAND'], ...rows])) world.print(line)
  },
})

const main = command({
  name: 'vanta-orchestrator',
  summary: 'Run the jobs of a node at their slots, without systemd; every slot once, whatever stops in between.',
  about: [
    'The jobs, their schedules (UTC) and their policies are those that the timers of systemd are made from. --once runs every job that is due, in the order',
    'of the loop: whoever goes on for ever takes what is there, a job that never ran is due with its latest slot, one that failed is tried again. --watch',
    'goes on, woken by cron expressions, until it is asked to stop; then its tools are asked to, and waited for.\n',
    'Where each job stands is kept in memory/slot_ROLE_JOB.json before its run begins: what was done is not run again, what was cut off is begun once more. A',
    'slot that is not run is missed for a reason that is said: a run went on (overlap), a later one makes up for it (superseded), it is too late (late), or it',
    'was begun and a later one came (unfinished). What became of every slot is a record on stdout and in logs/slots.ndjson; a job that fails is a',
    'health record, down.\n',
    'The slot is handed to the tool in VANTA_SLOT, and as --now where it works on what stands in the home. Tools that hear, decide or trade go by the clock:',
    'nothing is known before it was heard.\n',
    'Ends with 0, or 1 where a job failed (with --once). Jobs that lack settings, inputs or secrets (2, 78) and jobs that were refused (77) are counted and',
    'said, and are no failure; neither is a negative answer (1). Of one job alone, what failed or said no ends with its own',
    'status, and 75 says that another process runs it.',
  ].join(' '),
  options: {
    ...choosing,
    once: { kind: 'flag', help: 'run what is due, then end' },
    watch: { kind: 'flag', help: 'keep to the schedule until asked to stop' },
    dryRun: { kind: 'flag', help: 'say what --once would run, and run nothing' },
  },
  heeds: true,
  examples: [
    'vanta-orchestrator --role markets --once --dry-run', 'vanta-orchestrator --role markets --once --job graph,overlap',
    { run: 'vanta-orchestrator --once', note: 'of which node?', status: 2 },
  ],
  async act({ once, watch, dryRun, ...choice }, operands, world, emit) {
    if (operands[0] !== undefined) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const { jobs, bus } = chosen(choice, world), ledger = new Ledger(world, emit)
    if (dryRun) return rehearse(jobs, bus, ledger, world)
    if (once === watch) throw new Failure('usage', 'give --once or --watch')
    if (once) return runOnce(jobs, bus, ledger, world)
    return keepOn(jobs, bus, ledger, world)
  },
})

function rehearse(jobs: readonly Job[], bus: BusKind, ledger: Ledger, { clock, print }: ActionWorld): void {
  for (const job of jobs) {
    const next = job.kind === 'timer' ? decide(job, ledger.read(job), clock.now(), true).start : undefined
    if (job.kind === 'timer' && next === undefined) continue
    const slot = next === undefined ? undefined : formatInstant(next.slotMs)
    print(`${slot ?? 'stream'.padEnd(24)}  ${commandOf(job, bus, { once: true, ...(slot !== undefined && { slot }) }).join(' ')}`)
  }
}

export default verbs({ name: 'vanta-orchestrator', summary: main.summary, main, verbs: { list } })

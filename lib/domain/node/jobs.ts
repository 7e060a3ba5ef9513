/** The one table of what the nodes do. */
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '#record'
import type { CatchUp, Job, StreamJob, TimerJob } from './job.ts'
import { ROLES, type Role } from './role.ts'
import { daily, everyHours, everyMinutes, inSession, workdays, type Schedule } from './schedule.ts'

type Told<J extends Job> = Pick<J, 'name' | 'about' | 'command' | 'reads' | 'writes'> & Partial<Pick<J, 'acts'>>

const actsOf = ({ command, acts }: Told<Job>): readonly string[] => acts ?? [command.filter((word) => !word.startsWith('-')).join(' ')]

/** What was missed is gone or comes with the next answer: one run makes up for all of them. */
const LATEST: CatchUp = { policy: 'one', mostMs: 2 * DAY_MS }
/** What looks at the present: a run for the past would say nothing. */
const NEVER: CatchUp = { policy: 'none', mostMs: MINUTE_MS }
const PASSING = { times: 2, pauseMs: 20_000 } as const

const timer = (role: Role, schedule: Schedule, freshMs: Millis, told: Told<TimerJob> & Partial<TimerJob>): TimerJob => ({
  kind: 'timer', role, schedule, freshMs, now: 'clock', overlap: 'skip', catchUp: LATEST, retry: PASSING, timeoutMs: 10 * MINUTE_MS,
  ...told, acts: actsOf(told),
})

const stream = (role: Role, freshMs: Millis, told: Told<StreamJob> & Partial<StreamJob>): StreamJob =>
  ({ kind: 'stream', role, freshMs, restartMs: 5000, ...told, acts: actsOf(told) })

/** One round of a collector. */
const round = (name: string, about: string, schedule: Schedule, freshMs: Millis): TimerJob =>
  timer('markets', schedule, freshMs, { name, about, command: [`vanta-${name}`], writes: 'signals' })

const fused = (pipeline: string): readonly string[] => ['vanta', 'fuse', '--pipeline', `pipelines/${pipeline}.pipe`]

const LISTENS: readonly Job[] = [
  round('bars', 'Prices of stocks.', inSession(5, 1), 20 * MINUTE_MS),
  round('calendar', 'Events that are announced.', everyHours(6, 10), 13 * HOUR_MS),
  stream('markets', 10 * MINUTE_MS, { name: 'crypto', about: 'Trades and prices of coins.', command: ['vanta-crypto'], writes: 'signals' }),
  round('darknet', 'Forums behind Tor.', everyHours(4, 25), 9 * HOUR_MS),
  round('darkpool', 'Short sale volume off the exchanges.', workdays(23, 30), 4 * DAY_MS),
  round('discord', 'Messages of channels.', everyMinutes(5, 2), 20 * MINUTE_MS),
  round('fred', 'Economic series.', everyHours(1, 40), 3 * HOUR_MS),
  round('news', 'Feeds of news.', everyMinutes(5, 3), 20 * MINUTE_MS),
  round('options', 'Chains of options.', inSession(15, 5), 45 * MINUTE_MS),
  stream('markets', 10 * MINUTE_MS, { name: 'orderbook', about: 'Books of exchanges.', command: ['vanta-orderbook'], writes: 'signals' }),
  round('reddit', 'Posts of forums.', everyMinutes(5, 1), 20 * MINUTE_MS),
  round('sec', 'Filings of insiders and holders.', everyMinutes(10, 4), 45 * MINUTE_MS),
  round('substack', 'Newsletters.', everyMinutes(30, 7), 2 * HOUR_MS),
  round('telegram', 'Messages of channels.', everyMinutes(5, 4), 20 * MINUTE_MS),
  round('twitter', 'Posts by search.', everyMinutes(15, 6), 45 * MINUTE_MS),
  round('whales', 'Large movements of coins.', everyMinutes(5, 2), 20 * MINUTE_MS),
  stream('markets', 10 * MINUTE_MS, {
    name: 'refine', about: 'Signals into readings.', command: fused('refine'), acts: ['vanta-normalize', 'vanta-dedup', 'vanta-decay'],
    // What was said before is known again; what is dropped by then, the stream has dropped too.
    reads: 'signals', writes: 'readings', warmUp: '7d',
  }),
  // Kept: evidence, what stands and horizons reach over weeks. Begun anew it knows nothing of them, so that each run is proved by its own input.
  stream('markets', 20 * MINUTE_MS, {
    name: 'convict', about: 'Readings into ranked convictions, logged.', command: fused('convict'), reads: 'readings', writes: 'convictions',
    acts: ['vanta-risk', 'vanta-synthesize', 'vanta-rerank', 'vanta-track', 'vanta-audit append'],
  }),
  timer('markets', daily(22, 0), 2 * DAY_MS, {
    name: 'reinforce', about: 'Learn from outcomes.', command: ['vanta-reinforce'], reads: 'convictions', now: 'slot',
  }),
  timer('markets', daily(22, 15), 2 * DAY_MS, { name: 'overlap', about: 'How far sources repeat one another.', command: ['vanta-overlap'], now: 'slot' }),
  timer('markets', daily(22, 30), 2 * DAY_MS, { name: 'leaderboard', about: 'Who was right.', command: ['vanta-leaderboard'], now: 'slot' }),
  timer('markets', everyHours(1, 50), 3 * HOUR_MS, { name: 'graph', about: 'Who has to do with whom.', command: ['vanta-graph', 'update'], now: 'slot' }),
  // Readings that nothing was concluded from, bars among them, stand in no log.
  timer('markets', everyHours(1, 10), 3 * HOUR_MS, {
    name: 'ingest', about: 'Features of what is heard, kept.', command: ['vanta-features', 'ingest'], reads: 'readings', overlap: 'queue',
  }),
  // What is logged is taken in on the way.
  timer('markets', everyHours(1, 20), 3 * HOUR_MS, {
    name: 'features', about: 'Features of what is logged, kept and served.', command: ['vanta-features', 'materialize'], now: 'slot', timeoutMs: 15 * MINUTE_MS,
  }),
  timer('markets', daily(2, 40), 2 * DAY_MS, {
    name: 'compact', about: 'Of the features of a month one file.', command: ['vanta-features', 'compact'], timeoutMs: HOUR_MS,
  }),
]

const DECIDES: readonly Job[] = [
  timer('alpha', everyMinutes(5, 1), 20 * MINUTE_MS, {
    name: 'allocate', about: 'Convictions into signed allocations, logged.', command: fused('allocate'), acts: ['vanta-vault allocate', 'vanta-audit append'],
    reads: 'convictions', writes: 'allocations', overlap: 'queue',
  }),
  timer('alpha', everyMinutes(5, 2), 20 * MINUTE_MS, {
    name: 'settings', about: 'Signed settings of the vaults, told to who trades by them.', command: ['vanta-vault', 'publish'], writes: 'settings',
  }),
]

const REMEMBERS: readonly Job[] = [
  timer('alpha', everyMinutes(5, 4), 20 * MINUTE_MS, {
    name: 'books', about: 'What became of allocations, logged.', command: ['vanta-audit', 'append'], reads: 'fills', overlap: 'queue',
  }),
  timer('alpha', daily(22, 45), 2 * DAY_MS, { name: 'summary', about: 'What was done and why, as a page.', command: ['vanta-summary'], now: 'slot' }),
]

const TRADES: readonly Job[] = [
  timer('executor', everyMinutes(1), 20 * MINUTE_MS, {
    name: 'settings', about: 'Settings of the vaults, taken over where a pinned key has signed them.', command: ['vanta-vault', 'accept'], reads: 'settings',
  }),
  timer('executor', everyMinutes(1), 5 * MINUTE_MS, {
    name: 'trade', about: 'Allocations into orders and fills, logged.', command: fused('trade'), acts: ['vanta-exec', 'vanta-pnl', 'vanta-audit append'],
    // An order that is under way is never cut off for the sake of a later slot.
    reads: 'allocations', writes: 'fills', overlap: 'queue', catchUp: LATEST,
  }),
  // Allocations and prices come over the server of streams, which may be away: stops are watched by the broker's own prices, and what came of it waits.
  // A run that trades may stand still for as long as that server is silent (a minute): whoever guards waits longer.
  timer('executor', everyMinutes(1), 5 * MINUTE_MS, {
    name: 'guard', about: 'Stops, exits and the switch by the prices of the broker, whoever else is away.', command: fused('guard'),
    acts: ['vanta-exec', 'vanta-pnl', 'vanta-audit append'], writes: 'guarded', overlap: 'queue', catchUp: NEVER,
  }),
  timer('executor', everyMinutes(5, 3), 20 * MINUTE_MS, {
    name: 'tell', about: 'What came of guarding, told to the other nodes.', command: ['vanta-beam'], reads: 'guarded', writes: 'fills', overlap: 'queue',
  }),
  timer('executor', everyMinutes(30, 15), 2 * HOUR_MS, {
    name: 'reconcile', about: 'Books against the broker.', command: ['vanta-exec', 'reconcile'], catchUp: NEVER,
  }),
]

/** What keeps the record of a node provable, its streams open to it, and its days told. */
const provable = (role: Role): readonly Job[] => [
  timer(role, everyHours(1, 55), 3 * HOUR_MS, { name: 'checkpoint', about: 'Sign the log as it stands.', command: ['vanta-audit', 'checkpoint'] }),
  timer(role, daily(3, 20), 2 * DAY_MS, { name: 'verify', about: 'Check the whole log.', command: ['vanta-audit', 'verify'], timeoutMs: 2 * HOUR_MS }),
  timer(role, daily(1, 5), 2 * DAY_MS, { name: 'sla', about: 'How the day before went.', command: ['vanta-diagnostics', 'sla'], now: 'slot' }),
  timer(role, daily(4, 40), 2 * DAY_MS, { name: 'rotate', about: 'Put away diagnostics that have grown.', command: ['vanta', 'rotate'] }),
  timer(role, daily(4, 10), 2 * DAY_MS, { name: 'keys', about: 'Certificates that end soon, keys that others may read.', command: ['vanta-keys', 'check'] }),
]

/** In the order of the loop. */
export const JOBS: readonly Job[] = [...LISTENS, ...DECIDES, ...TRADES, ...REMEMBERS, ...ROLES.flatMap(provable)]

export const jobsOf = (role: Role): readonly Job[] => JOBS.filter((job) => job.role === role)

export const jobNamed = (role: Role, name: string): Job | undefined => JOBS.find((job) => job.role === role && job.name === name)

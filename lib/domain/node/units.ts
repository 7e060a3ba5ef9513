/**
 * The units of systemd that keep a node going, from the table of jobs: systemd.unit(5), .service(5), .timer(5), .exec(5). A job is an instance of
 * the template of its kind, `vanta-fold@alpha-allocate.service`, with a drop-in of its own that opens just what the job needs of what the one drop-in
 * for all, HARDENING, has closed. Several nodes may stand on one machine: what they share is the same text for all of them.
 */
import { SECOND_MS, type Millis } from '#record'
import { whichOf } from './capability.ts'
import type { NodeSettings } from './home.ts'
import { capabilitiesOf, commandOf, credentialsOf, isNetworked, placeOf, usesServer, type Job, type TimerJob } from './job.ts'
import { jobsOf } from './jobs.ts'
import { userOf, type Role } from './role.ts'
import { onCalendar, shortestGap } from './schedule.ts'

/** A node as it stands on a machine. */
export interface Site extends NodeSettings {
  /** Absolute. */
  readonly home: string
  /** Of the operating system; it has a group of the same name. */
  readonly user: string
}

/** Where nodes stand unless they are told otherwise. */
export const HOME = '/opt/vanta'
export const siteOf = (role: Role): Site => ({ role, home: HOME, bus: 'redis', user: userOf(role) })

/** Paths in units are written as they are; those that would have to be quoted in one place and must not be in another are none. */
export const isPlainPath = (path: string): boolean => /^\/[A-Za-z0-9_./+-]*$/.test(path)

/** What a job is to systemd: how it is run, not what it may touch. */
export type UnitKind =
  /** Asks services at its slots. */
  | 'collector'
  /** Has a broker, at its slots. */
  | 'action'
  /** Reads or writes streams, or serves, at its slots. */
  | 'fold'
  /** Works within its home, at its slots. */
  | 'local'
  /** Is kept going. */
  | 'stream'

export function unitKindOf(job: Job): UnitKind {
  const needs = capabilitiesOf(job)
  if (job.kind === 'stream') return 'stream'
  if (needs.includes('broker')) return 'action'
  if (whichOf(needs, 'service').length > 0) return 'collector'
  return job.reads === undefined && job.writes === undefined && whichOf(needs, 'serve').length === 0 ? 'local' : 'fold'
}

export const serviceOf = (job: Job): string => `vanta-${unitKindOf(job)}@${job.role}-${job.name}.service`
export const timerOf = ({ role, name }: Job): string => `vanta-${role}-${name}.timer`
export const targetOf = (role: Role): string => `vanta-${role}.target`
const alarmOf = (role: Role): string => `vanta-alarm-${role}@`

const unit = (sections: { readonly [section: string]: readonly string[] }): string =>
  Object.entries(sections).filter(([, lines]) => lines.length > 0).map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`).join('\n')

const seconds = (ms: Millis): string => `${ms / SECOND_MS}s`

/** One word of ExecStart=. */
export function wordOf(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, (sign) => `\\${sign}`)}"`
}

/**
 * For every unit whose name begins with `vanta-`. V8 makes code as it runs, so memory that is written and executed is the one thing left open
 * that a program in C would not need.
 */
const HARDENING = unit({ Service: [
  '# No rights, and none to be had.',
  'NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'AmbientCapabilities=', 'RestrictSUIDSGID=yes', 'LockPersonality=yes', 'KeyringMode=private',
  'UMask=0077',
  '# Of the disk, what the job names; of other processes and users, nothing.',
  'ProtectSystem=strict', 'ProtectHome=yes', 'PrivateTmp=yes', 'PrivateMounts=yes', 'PrivateDevices=yes', 'DevicePolicy=closed', 'PrivateUsers=yes',
  'PrivateIPC=yes', 'RemoveIPC=yes', 'ProtectProc=invisible', 'ProcSubset=pid',
  '# The kernel is only looked at.',
  'ProtectHostname=yes', 'ProtectClock=yes', 'ProtectKernelTunables=yes', 'ProtectKernelModules=yes', 'ProtectKernelLogs=yes', 'ProtectControlGroups=yes',
  'RestrictNamespaces=yes', 'RestrictRealtime=yes', 'SystemCallArchitectures=native',
  '# Node asks for a little more than it needs, and goes on where that is denied.',
  'SystemCallFilter=@system-service', 'SystemCallFilter=~@privileged @resources', 'SystemCallErrorNumber=EPERM',
  '# Nobody is reached, but where the job says so.',
  'PrivateNetwork=yes', 'IPAddressDeny=any', 'RestrictAddressFamilies=AF_UNIX',
] })
const HARDENING_FILE = 'vanta-.service.d/10-hardening.conf'
const JOB_FILE = '20-job.conf'

/** Exit codes (lib/port/failure.ts) that the next attempt meets again: usage, refused, configuration. */
const LASTING = '2 77 78'
/** For whoever watches over the time that a job takes to stop it, and to say so. */
const GRACE_MS = 60 * SECOND_MS

const ONESHOT = ['Type=oneshot']
const WATCHDOG_MS = 120 * SECOND_MS

const template = (description: string, service: readonly string[]): string => unit({
  Unit: [`Description=${description}, %i`], Service: service,
})

const TEMPLATES: { readonly [kind in UnitKind]: string } = {
  collector: template('Vanta, a round of a collector', [...ONESHOT, 'Nice=5', 'MemoryMax=1G', 'TasksMax=64']),
  fold: template('Vanta, from stream to stream', [...ONESHOT, 'MemoryMax=2G', 'TasksMax=64']),
  local: template('Vanta, within the home', [...ONESHOT, 'Nice=10', 'IOSchedulingClass=idle', 'MemoryMax=4G', 'TasksMax=64']),
  // Never cut off in the midst of an order for want of memory or time.
  action: template('Vanta, with a broker', [...ONESHOT, 'OOMScoreAdjust=-500', 'TimeoutStopSec=120s', 'MemoryMax=2G', 'TasksMax=64']),
  stream: template('Vanta, a stream', [
    'Type=notify', 'NotifyAccess=all', `WatchdogSec=${seconds(WATCHDOG_MS)}`, 'Restart=always', `RestartPreventExitStatus=${LASTING}`,
    'MemoryMax=2G', 'TasksMax=64',
  ]),
}

/** A slot is the orchestrator's to run, whoever wakes it: one policy of what was missed, and one record of what became of it. */
export const startOf = (job: Job, bus: NodeSettings['bus']): readonly string[] =>
  job.kind === 'timer' ? ['vanta-orchestrator', '--once', '--job', job.name] : commandOf(job, bus)

/** What a job has of its own. */
function jobFile(job: Job, { role, home, bus, features, user }: Site): string {
  const needs = capabilitiesOf(job), hasBucket = features !== undefined, networked = isNetworked(job, bus, hasBucket)
  const hasFiles = [job.reads, job.writes].some((name) => name !== undefined && placeOf(name, bus) === 'file')
  const [tool = '', ...words] = startOf(job, bus)
  // A key pair is used where it stands; of all other secrets a job has copies of its own ones, and sees no folder of secrets.
  const keys = needs.includes('keys:vault') || needs.includes('keys:node')
  const written = [
    ...(job.kind === 'timer' || keys || whichOf(needs, 'memory').length > 0 ? ['memory'] : []), 'logs', ...(hasFiles ? ['bus'] : []),
    ...(needs.includes('features') ? ['features'] : []),
  ]
  return unit({
    Unit: [
      `Description=Vanta ${role}: ${job.about.replace(/\.$/, '').replaceAll('%', '%%')}`,
      `OnFailure=${alarmOf(role)}%N.service`,
      `PartOf=${targetOf(role)}`,
      ...(networked ? ['Wants=network-online.target', 'After=network-online.target'] : []),
      ...policyOfStarts(job),
    ],
    Service: [
      `User=${user}`, `Group=${user}`, `WorkingDirectory=${home}/current`, `Environment=VANTA_HOME=${home}`, `EnvironmentFile=-${home}/node.env`,
      `ExecStart=${[`${home}/current/bin/${tool}`, ...words].map(wordOf).join(' ')}`,
      ...(job.kind === 'timer'
        ? [`TimeoutStartSec=${seconds(job.timeoutMs + GRACE_MS)}`, ...(isRetried(job) ? retryOf(job) : [])]
        : [`RestartSec=${seconds(job.restartMs)}`]),
      `ReadWritePaths=${written.map((folder) => `${home}/${folder}`).join(' ')}`,
      ...(keys ? [] : [`TemporaryFileSystem=${home}/secrets:ro`]),
      // Certificates are rotated while a stream goes on: the folder itself is seen, where there is one.
      ...(!keys && usesServer(job, bus) ? [`BindReadOnlyPaths=-${home}/secrets/tls`] : []),
      // Where there is no such file it is one without a secret, which counts as none.
      ...credentialsOf(job, bus, hasBucket).flatMap((name) => [`LoadCredential=${name}:${home}/secrets/${name}`, `SetCredential=${name}:{}`]),
      ...(networked ? ['PrivateNetwork=no', 'IPAddressDeny=', 'RestrictAddressFamilies=AF_INET AF_INET6'] : []),
    ],
  })
}

/**
 * Whether what may pass is tried again before the next slot: only where all attempts end before it though each runs out of time. systemd counts
 * starts, whoever asked for them, so that attempts must neither reach into the next slot nor be refused because of it. Else the next slot tries.
 */
const isRetried = ({ schedule, retry, timeoutMs }: TimerJob): boolean => (retry.times + 1) * (retry.pauseMs + timeoutMs + GRACE_MS) <= shortestGap(schedule)

const retryOf = ({ retry }: TimerJob): readonly string[] =>
  // A negative answer, such as of a check, stands: asked again there would be none, and no alarm.
  ['Restart=on-failure', `RestartPreventExitStatus=1 ${LASTING}`, `RestartSec=${seconds(retry.pauseMs)}`]

function policyOfStarts(job: Job): readonly string[] {
  if (job.kind === 'stream') return [`StartLimitIntervalSec=${seconds(job.restartMs * 12)}`, 'StartLimitBurst=6']
  if (!isRetried(job)) return ['StartLimitIntervalSec=0']
  return [`StartLimitIntervalSec=${seconds(shortestGap(job.schedule))}`, `StartLimitBurst=${job.retry.times + 1}`]
}

/** No slot is moved, so that two nodes mean the same by one; what is missed while the machine is off comes once, where the job wants that. */
const timerFile = (job: TimerJob): string => unit({
  Unit: [`Description=Vanta ${job.role}: when ${job.name} is due`, `PartOf=${targetOf(job.role)}`],
  Timer: [
    `OnCalendar=${onCalendar(job.schedule)}`, 'AccuracySec=1s', `Persistent=${job.catchUp.policy === 'none' ? 'no' : 'yes'}`, `Unit=${serviceOf(job)}`,
  ],
})

const targetFile = (role: Role): string => {
  const jobs = jobsOf(role)
  return unit({
    Unit: [
      `Description=Vanta ${role}`,
      ...jobs.map((job) => `Wants=${job.kind === 'timer' ? timerOf(job) : serviceOf(job)}`),
    ],
    Install: ['WantedBy=multi-user.target'],
  })
}

/** Whatever failed is logged, in the journal with the priority of an alert too. */
const alarmFile = ({ role, home, user }: Site): string => unit({
  Unit: [`Description=Vanta ${role}: %i has failed`],
  Service: [
    'Type=oneshot', `User=${user}`, `Group=${user}`, `WorkingDirectory=${home}/current`, `Environment=VANTA_HOME=${home}`,
    `ExecStart=${home}/current/bin/vanta alarm %i`,
    `ReadWritePaths=${home}/logs`, `TemporaryFileSystem=${home}/secrets:ro`, 'TimeoutStartSec=60s', 'SyslogLevel=alert',
  ],
})

/** The unit files of a node by their path below the folder of units, in order. */
export function unitsOf(site: Site): ReadonlyMap<string, string> {
  const jobs = jobsOf(site.role), units = new Map<string, string>([[HARDENING_FILE, HARDENING]])
  for (const kind of [...new Set(jobs.map(unitKindOf))].sort()) units.set(`vanta-${kind}@.service`, TEMPLATES[kind])
  for (const job of jobs) {
    units.set(`${serviceOf(job)}.d/${JOB_FILE}`, jobFile(job, site))
    if (job.kind === 'timer') units.set(timerOf(job), timerFile(job))
  }
  return units.set(`${alarmOf(site.role)}.service`, alarmFile(site)).set(targetOf(site.role), targetFile(site.role))
}

/** Options that mean the same in every tool that has them. */
import type { AnyAct } from './define.ts'
import type { Options } from './options.ts'

const everywhere = {
  now: { kind: 'text', help: 'what counts as now: a moment, or "stream" for the latest known_at read (default: the clock)' },
  seed: { kind: 'text', default: '1', help: 'seed of all chance' },
  home: { kind: 'path', help: 'folder that holds memory/ and logs/' },
  secretsIn: {
    kind: 'text', default: 'files',
    help: 'where secrets are kept: files, or vault:https://HOST:8200/MOUNT/PATH, which is entered by role_id and secret_id in secrets/vault',
  },
  logFile: { kind: 'path', help: 'append diagnostics to this file as JSON lines, instead of text on stderr' },
  logJson: { kind: 'flag', help: 'write diagnostics to stderr as JSON lines' },
  verbose: { kind: 'flag', help: 'say more on stderr' },
  quiet: { kind: 'flag', help: 'only warnings and errors on stderr' },
} as const satisfies Options

const reading = {
  in: { kind: 'text', help: 'stream to read instead of stdin: redis:NAME, redis://HOST:PORT/NAME, kafka:NAME, kafka://HOST:PORT/NAME or file:NAME' },
  group: { kind: 'text', help: 'with --in: whose place in the stream is kept; copies of a tool share one (default: the name of the tool)' },
  since: {
    kind: 'text', help: 'read what was sent at or after this moment, behind this position (of vanta stream), or "beginning"; for a new group where it begins',
  },
  once: { kind: 'flag', help: 'with --in: end when all that is there has been read' },
  warmUp: {
    kind: 'duration',
    help: 'with --in: at the start hear again, and say nothing of it, what the group has done with in so long, to go on as if never ended (default: not)',
  },
  onError: {
    kind: 'choice', choices: ['reject', 'fail', 'skip'], default: 'reject',
    help: 'a bad line: keep it in the reject file and end with 65, stop at once, or only count it',
  },
  rejectFile: { kind: 'path', help: 'where bad lines are kept (default: logs/rejects/TOOL.ndjson in the home)' },
  maxLine: { kind: 'integer', default: '16777216', help: 'longest line accepted, in bytes' },
} as const satisfies Options

const writing = {
  out: { kind: 'text', help: 'stream to write to instead of stdout, as with --in' },
  unbuffered: { kind: 'flag', help: 'write each record at once' },
} as const satisfies Options

export interface Common {
  readonly now: string | undefined
  readonly seed: string
  readonly home: string | undefined
  readonly secretsIn: string
  readonly logFile: string | undefined
  readonly logJson: boolean
  readonly verbose: boolean
  readonly quiet: boolean
  readonly onError: 'reject' | 'fail' | 'skip'
  readonly rejectFile: string | undefined
  readonly maxLine: number
  readonly unbuffered: boolean
  readonly in: string | undefined
  readonly out: string | undefined
  readonly group: string | undefined
  readonly since: string | undefined
  readonly once: boolean
  readonly warmUp: number | undefined
}

/** The common options of one kind of tool. */
export function commonOptions(act: Pick<AnyAct, 'kind'> & { readonly hears?: true }): Options {
  if (act.kind === 'command') return act.hears === true ? { ...reading, ...everywhere } : everywhere
  return act.kind === 'collector' ? { ...writing, ...everywhere } : { ...reading, ...writing, ...everywhere }
}

export const SHORT: Readonly<Record<string, string>> = { quiet: 'q', verbose: 'v', output: 'o' }

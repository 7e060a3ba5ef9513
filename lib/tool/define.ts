/**
 * What a tool is: a description (name, options, examples) and one function. Importing a description runs nothing; the runner,
 * the fuse, help, man pages, completion and tests all read the same one. A tool touches the world only through what its kind
 * is handed: a filter is handed no network, store or disk.
 */
import type { Json, Kind, Millis, RecordOf, Vanta } from '#record'
import type { Alarm } from '#port/alarm'
import type { Boosting } from '#port/boosting'
import type { Broker, BrokerTerms } from '#port/broker'
import type { Bus } from '#port/bus'
import type { CertificateKeys } from '#port/certificates'
import type { Clock } from '#port/clock'
import type { Folder } from '#port/folder'
import type { Failure } from '#port/failure'
import type { Inference } from '#port/inference'
import type { Journal } from '#port/journal'
import type { Keys } from '#port/keys'
import type { Log } from '#port/log'
import type { Logs } from '#port/logs'
import type { Machine } from '#port/machine'
import type { Objects } from '#port/objects'
import type { Online } from '#port/online'
import type { Outside } from '#port/outside'
import type { Prophet } from '#port/prophet'
import type { Questions } from '#port/questions'
import type { Random } from '#port/random'
import type { Serve } from '#port/serve'
import type { Store } from '#port/store'
import type { Role } from '#domain/node/role'
import type { Exit } from '#port/failure'
import type { Options, ValuesOf } from './options.ts'
import type { Streams } from './bus.ts'

/** Pass a record on. Emitting gives it away: the emitter must not touch it again. */
export type Emit = (record: Vanta) => void

export interface ToolWorld {
  readonly clock: Clock
  readonly log: Log
  /** A stream of chance of its own for each purpose, from `--seed`. */
  random(purpose: string): Random
  /** `vanta-decay/0.1.0`, with the options it runs by: the `by` of every record the tool makes. */
  readonly by: string
  /** Words of options that all tools have and that records depend on. */
  readonly ambient?: string
}
export interface FilterWorld extends ToolWorld {
  /** What the audit log of the home holds of the span before its latest record, in its order: what a tool may go on from. */
  past(spanMs: Millis): Iterable<Vanta>
  /** Memory as it stands when the tool opens: settings and what was learned. What is read is told in the stream. */
  readonly store: Pick<Store, 'read'>
}
/** A tool over rows may read files that the user names: models, settings. */
export interface RowWorld extends ToolWorld {
  readonly folder: Pick<Folder, 'read' | 'list'>
  readonly inference: Inference
  readonly prophet: Prophet
  /** Whether people read stdout on a terminal. */
  readonly terminal?: boolean
  /** A line that replaces the one before it, on a terminal's stderr only. */
  progress(text: string): void
  /** Where the files that Vanta ships stand (models/). */
  readonly root: string
}
/** A collector may read recorded payloads that the user names, and ask its service. */
export interface CollectorWorld extends ToolWorld {
  readonly folder: Pick<Folder, 'read' | 'list'>
  readonly outside: Outside
  /** A line of text for people on stdout, where that is the answer (`--list-sources`). */
  print(text: string): void
  /** The view that another tool has of the same run: for tools that call tools. */
  as(tool: string): CollectorWorld
}
/** An action may keep state and append to logs; `journal` names a file under `logs/` of the home. */
export interface ActionWorld extends FilterWorld {
  readonly folder: Folder
  readonly outside: Outside
  readonly store: Store
  /** Key pairs of vaults. */
  readonly keys: Keys
  /** The key pair of this node, which signs its audit log. */
  readonly nodeKeys: Keys
  /** Private keys of certificates, in files that the user names. */
  readonly certificateKeys: CertificateKeys
  journal(name: string): Journal
  /** All the logs of the home as bytes: what the audit log is made of. */
  readonly logs: Logs
  /** Objects of a folder or a bucket (s3://...) that the user names, else of features/ in the home. Throws Failure `usage` on what is no address. */
  objects(place: string | undefined): Objects
  /** Where features are served from: a server, or `embedded` among these objects. Throws Failure `usage` where it is no address. */
  online(address: string, objects: Objects): Promise<Online>
  /** Logs in another folder that the user names. */
  logsIn(folder: string): Logs
  /** Runs models that are ONNX files. */
  readonly inference: Inference
  /** Fits Prophet. */
  readonly prophet: Prophet
  /** Grows trees as XGBoost does; our own need no world. */
  readonly xgboost: Boosting
  /** A stream by its address, opened once and closed with the run. Throws Failure `usage` where it is no address, or the one that is read. */
  bus(address: string): Promise<Bus>
  /** Rings at the moments of cron expressions, in UTC, until it is stopped. */
  readonly alarm: Alarm
  /** Where orders go. */
  broker(terms: BrokerTerms): Promise<Broker>
  /** The machine and the files of the home, to look at. */
  readonly machine: Machine
  /** Answer questions over HTTP. */
  readonly serve: Serve
  /** The node that the home is of; undefined: a single machine. */
  readonly role?: Role | undefined
  /** The home, memory/ and logs/ in it, for messages to people. */
  readonly home: string
  /** Where this tool's own files stand (models/, pipelines/, samples/). */
  readonly root: string
  /** A line of text for people on stdout, where that is the answer (`vanta-audit verify`); records go through Emit. */
  print(text: string): void
  /** Whether people read stdout on a terminal. */
  readonly terminal?: boolean
  /** What people ask on stdin, for a command that talks with them. */
  readonly questions?: Questions
  /** How wide that terminal is, in characters. */
  readonly columns?: number | undefined
  /** Whether that terminal is to show colours (not where NO_COLOR is set). */
  readonly colours?: boolean
  /** A line that replaces the one before it, on a terminal's stderr only. */
  progress(text: string): void
  as(tool: string): ActionWorld
  /** For whoever hands records to the tool: tell its clock of each before it is handed on. */
  hear(record: Vanta): void
  /** Real time that passes, for saying how fast something was; never for a decision. */
  stopwatch(): { elapsedMs(): number }
  /** A simulated world beside this one, for replays; its logs are those of the home, or in memory and forgotten. */
  simulate(logs?: 'kept' | 'forgotten'): Simulation
}

/**
 * A world in which a recorded stream is the clock, memory and journals start empty and stay in the process, and the logs are
 * those of the home, made durable when they are closed.
 */
export interface Simulation {
  readonly world: ActionWorld
  /** Write the memory files and journals into the home, in place of what was there. */
  keep(): void
}

/** A tool at work: what it does with each record it reads, and at the end of input. Records of other kinds pass by it. */
export interface Stage<R extends Vanta = Vanta> {
  each(record: R, emit: Emit): void | Promise<void>
  end?(emit: Emit): void | Promise<void>
  /** All that it has sent elsewhere than by `emit` is durable there: what it was made of counts as done only then. Asked again and again, and after `end`. */
  flushed?(): void | Promise<void>
  /**
   * All that it has emitted has left for good: state that says so is kept. Asked before what it read counts as done, and after `end`; not of a run
   * that is cut off.
   */
  landed?(): void | Promise<void>
  /** What the run ends with although all that it read counts as done: what was wrong with that will not come right by being read again. */
  verdict?(): Failure | undefined
  /** Keep (true) or drop (false) a line without parsing it, exactly as `each` would; undefined: parse it. */
  line?(line: string): boolean | undefined
}

export interface Example {
  /** A command line that works from the project's root with bin/ on the PATH; run as a test. */
  readonly run: string
  readonly note?: string
  /** The exit status it ends with, where that is not 0. */
  readonly status?: number
}

/** `vanta-decay`, `vanta-audit verify`, `vanta list`. */
export type ToolName = 'vanta' | `vanta-${string}` | `vanta ${string}`

interface Described<O extends Options> {
  readonly name: ToolName
  /** One sentence. */
  readonly summary: string
  /** Paragraphs for the help and man page. */
  readonly about?: string
  readonly options: O
  readonly examples: readonly (string | Example)[]
}

interface Streaming<O extends Options, K extends Kind, W> extends Described<O> {
  /** What it makes rests on more than the log holds, such as all prices: a replay of the log takes it as it is. */
  readonly restsOnAll?: true
  /** Kinds of record it reads; all others pass through untouched. */
  readonly reads: readonly K[]
  /** With these options it answers a question: stdin is not read, and `end` follows on `open`. */
  readsNothing?(options: ValuesOf<O>): boolean
  /** Streams that its own options name, in the place of `--in` and `--out`. */
  streams?(options: ValuesOf<O>): Streams
  open(options: ValuesOf<O>, world: W): Stage<RecordOf<K>> | Promise<Stage<RecordOf<K>>>
}

/** Memory files by name, each with the fields of it that the log tells of in another way. */
export type StateFiles = { readonly [file: string]: readonly string[] }

/** Record in, records out at once. */
export interface Filter<O extends Options = Options, K extends Kind = Kind> extends Streaming<O, K, FilterWorld> {
  readonly kind: 'filter'
}
/** Holds records until a moment of decision or the end of input, within a bound. */
export interface Fold<O extends Options = Options, K extends Kind = Kind> extends Streaming<O, K, FilterWorld> {
  readonly kind: 'fold'
}
/** Records in, effects on store and journals; records out. */
export interface Action<O extends Options = Options, K extends Kind = Kind> extends Streaming<O, K, ActionWorld> {
  readonly kind: 'action'
  /** Memory files that it goes on from and that follow from what it, or a tool before it, has read. All others that it reads are settings. */
  readonly state?: StateFiles
}
/** The outside in, signals out. */
export interface Collector<O extends Options = Options> extends Described<O> {
  readonly kind: 'collector'
  collect(options: ValuesOf<O>, world: CollectorWorld): Iterable<Vanta> | AsyncIterable<Vanta>
}
/** A JSON object a line, of any kind: what a row tool reads. Vanta's own records are rows too. */
export type Row = { readonly [field: string]: Json | undefined }

/** A row tool at work. It hands on lines, so that what it does not read stays as it was written, to the byte (`setMember` of #record/member). */
export interface RowStage {
  /** `line` is the text that `row` was read from. Throws BadRow where it cannot be used: it is named and kept, and the run ends with 65. */
  each(row: Row, line: string, emit: (line: string) => void): void | Promise<void>
  /** There is no more to read for now: whoever gathers rows, to work on many at once, hands on what is left. Asked before `end`. */
  flush?(emit: (line: string) => void): void
  end?(emit: (line: string) => void): void | Promise<void>
}
/** Why a row cannot be used, in words that name the field. */
export class BadRow extends Error {}

/** Rows of any kind in, lines out: models at work on whatever the user has. */
export interface RowTool<O extends Options = Options> extends Described<O> {
  readonly kind: 'rows'
  open(options: ValuesOf<O>, world: RowWorld): RowStage | Promise<RowStage>
}
/** How a command ended: by the table of exit codes, or with the status of a process it ran. Nothing is `done`. */
export type Answer = Exit | number | void

/** Asked once by a person or a timer; reads no records from stdin, but where it `hears`. `operands` are the words that are no option. */
export interface Command<O extends Options = Options> extends Described<O> {
  readonly kind: 'command'
  /** How the operands are written in the usage line, such as `FILL_ID`. */
  readonly operands?: string
  /** It may also be asked about records on stdin: then it reads like a tool that streams. */
  readonly hears?: true
  /** Asked to stop (`outside.signal`), it ends by itself, in order; others end at once. */
  readonly heeds?: true
  act(options: ValuesOf<O>, operands: readonly string[], world: ActionWorld, emit: Emit, hear?: Hear): Answer | Promise<Answer>
}
/** Read stdin to its end, record by record; only the runner has one to read. */
export type Hear = (each: (record: Vanta) => void | Promise<void>) => Promise<void>
/** A tool with verbs, `vanta-audit verify`; each verb's name is the tool's and the verb's. */
export interface Verbs {
  readonly kind: 'verbs'
  readonly name: ToolName
  readonly summary: string
  readonly verbs: { readonly [verb: string]: AnyAct }
  /** What it does without a verb; it has the tool's own name. */
  readonly main?: AnyAct
  /** Which act words mean that begin with no verb, where that is not always `main`. */
  implied?(words: readonly string[]): AnyAct | undefined
  /** What a first word that is no verb stands for: `vanta decay`. */
  otherwise?(word: string): Promise<Tool | undefined>
}

/** The options are erased: only the runner, which made the values from the same table, may call one of these. */
export interface AnyStreaming extends Omit<Streaming<Options, Kind, ActionWorld>, 'open' | 'readsNothing' | 'streams'> {
  readonly kind: 'filter' | 'fold' | 'action'
  readonly state?: StateFiles
  readsNothing?(options: never): boolean
  streams?(options: never): Streams
  open(options: never, world: ActionWorld): Stage<never> | Promise<Stage<never>>
}
export interface AnyCollector extends Omit<Collector, 'collect'> {
  collect(options: never, world: CollectorWorld): Iterable<Vanta> | AsyncIterable<Vanta>
}
export interface AnyCommand extends Omit<Command, 'act'> {
  act(options: never, operands: readonly string[], world: ActionWorld, emit: Emit, hear?: Hear): Answer | Promise<Answer>
}
export interface AnyRowTool extends Omit<RowTool, 'open'> {
  open(options: never, world: RowWorld): RowStage | Promise<RowStage>
}
export type AnyAct = AnyStreaming | AnyCollector | AnyCommand | AnyRowTool
export type Tool = AnyAct | Verbs

type Of<T> = Omit<T, 'kind'>
export const filter = <const O extends Options, K extends Kind>(tool: Of<Filter<O, K>>): Filter<O, K> => ({ kind: 'filter', ...tool })
export const fold = <const O extends Options, K extends Kind>(tool: Of<Fold<O, K>>): Fold<O, K> => ({ kind: 'fold', ...tool })
export const action = <const O extends Options, K extends Kind>(tool: Of<Action<O, K>>): Action<O, K> => ({ kind: 'action', ...tool })
export const collector = <const O extends Options>(tool: Of<Collector<O>>): Collector<O> => ({ kind: 'collector', ...tool })
export const command = <const O extends Options>(tool: Of<Command<O>>): Command<O> => ({ kind: 'command', ...tool })
export const rows = <const O extends Options>(tool: Of<RowTool<O>>): RowTool<O> => ({ kind: 'rows', ...tool })
export const verbs = (tool: Of<Verbs>): Verbs => ({ kind: 'verbs', ...tool })

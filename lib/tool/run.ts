/** The runner: argv, input, output, signals and exit codes of every tool, once. The only code that ends the process. */
import { spawn } from 'node:child_process'
import { check, lineOf, keepLine, type Vanta } from '#record'
import { isGroupName } from '#domain/bus/address'
import { keyOf } from '#domain/bus/key'
import { parseArgv, type Parsed } from './argv.ts'
import { deadAddress, deadLetters, readStream, sinceOf, StreamOutput, type DeadLetters, type StreamIn, type Streams } from './bus.ts'
import type { AnyAct, AnyCollector, AnyCommand, AnyRowTool, AnyStreaming, Tool } from './define.ts'
import { EXIT, Failure, Stopped, type Exit } from '#port/failure'
import { helpOf, usageOf } from './help.ts'
import { configPath, homeOf, readConfig, rootOf } from './home.ts'
import { eachLine } from './input.ts'
import type { Line } from './lines.ts'
import { jsonLog, plainLog, type Level } from './log.ts'
import { Hushed, Output, type Sink } from './output.ts'
import { redaction } from './redaction.ts'
import { Rejects, type Bad } from './reject.ts'
import { handRow } from './rows.ts'
import { chain, openStage, type Chain, type Running } from './stage.ts'
import { Stopping } from './stopping.ts'
import { actOf } from './verb.ts'
import { VERSION } from './version.ts'
import { ambientOf, clockOf, closeAll, demandStream, keeperOf, openBus, openTarget, realSurroundings, worldOf, type Surroundings } from './world.ts'

const STDIN = '-'
/** A terminal's own line may hold progress: it gives way to whatever is said next. */
const CLEAR_LINE = '\r\x1b[K'

/** Run a tool as this process: reads process.argv, sets process.exitCode. */
export async function run(tool: Tool): Promise<void> {
  const named = { name: tool.name as string }
  try {
    await start(tool, process.argv.slice(2), named)
  } catch (error) {
    fail(named.name, error)
  }
}

async function start(tool: Tool, words: readonly string[], named: { name: string }): Promise<void> {
  const [word] = words
  const { act, rest = words } = actOf(tool, words) ?? {}
  if (tool.kind === 'verbs' && act === undefined && word !== undefined && !word.startsWith('-')) {
    const other = await tool.otherwise?.(word)
    if (other !== undefined) return start(other, words.slice(1), named)
    if (tool.otherwise !== undefined) return foreign(`vanta-${word}`, words.slice(1))
  }
  const end = rest.indexOf('--')
  const flags = end === -1 ? rest : rest.slice(0, end)
  named.name = (act ?? tool).name
  if (flags.includes('--help') || flags.includes('-h')) return say(helpOf(act === undefined || (tool.kind === 'verbs' && act === tool.main) ? tool : act))
  if (flags.includes('--version') || flags.includes('-V')) return say(`${tool.name} ${VERSION}\n`)
  if (act === undefined) throw new Failure('usage', word === undefined ? 'which verb?' : `no verb "${word}"`)
  await execute(act, await parseArgv(act, rest, process.env, readConfig(configPath(process.env))))
}

/** Anyone may add a tool, in any language: `vanta x` runs the first `vanta-x` on the PATH. */
async function foreign(name: string, words: readonly string[]): Promise<void> {
  const child = spawn(name, words, { stdio: 'inherit' })
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', () => reject(new Failure('usage', `no tool "${name}" here or on the PATH; \`vanta list\` lists them`)))
    child.once('exit', (code) => resolve(code ?? EXIT.bug.code))
  })
}

function say(text: string): void {
  process.stdout.on('error', () => undefined)
  process.stdout.write(text)
}

/** Report a failure and choose the exit code; a Failure of kind usage points to --help. */
export function fail(name: string, error: unknown): void {
  if (error instanceof Failure) {
    process.stderr.write(`${name}: ${redaction.of(error.message)}\n${error.exit === 'usage' ? `Try '${name} --help'.\n` : ''}`)
    process.exitCode = EXIT[error.exit].code
    return
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${name}: internal error, please report it: ${redaction.of(detail)}\n`)
  process.exitCode = EXIT.bug.code
}

async function execute(act: AnyAct, parsed: Parsed): Promise<void> {
  const goesOn = act.kind === 'collector' || (act.kind === 'command' && act.heeds === true)
  const pace = parsed.common.unbuffered || process.stdout.isTTY ? 'line' : goesOn ? 'turn' : 'block'
  const stdout = new Output(process.stdout, pace)
  const stopping = new Stopping(stdout, act.kind !== 'command' || act.hears === true || act.heeds === true)
  const sink: { now: Sink } = { now: stdout }
  const streams = streamsOf(act, parsed), around = await surroundings(act, parsed, () => sink.now, stopping, streams)
  // Before anything is opened: a node that may not, does nothing at all.
  around.rights.enter(act.name)
  demandStream(streams.from?.address, 'read', around)
  demandStream(streams.to, 'write', around)
  const to = streams.to === undefined ? undefined : await openTarget(streams.to, act.name, around)
  const output = new Hushed(to === undefined ? stdout : new StreamOutput(to))
  sink.now = output
  const keeper = keeperOf(around.log(act.name))
  let exit: Exit | number = 'done'
  try {
    keeper?.ready()
    if (act.kind === 'command') exit = await runCommand(act, parsed, around, output, stopping)
    else if (act.kind === 'collector') await runCollector(act, parsed, around, output, stopping)
    else if (act.kind === 'rows') exit = await runRows(act, parsed, around, { output, stopping, from: streams.from })
    else exit = await runStreaming(act, parsed, around, { output, stopping, from: streams.from })
  } finally {
    try {
      // Also after a failure: what was said before it stands.
      await output.finished()
    } finally {
      await to?.close()
      await closeAll(around)
      keeper?.end()
      stopping.release()
    }
  }
  process.exitCode = typeof exit === 'number' ? exit : EXIT[exit].code
  stopping.raise()
}

/** Streams in the place of stdin and stdout. A fold that waits for more never says its last: it takes what is there (`--once`). */
function streamsOf(act: AnyAct, { common, values, operands }: Parsed): ToolStreams {
  if (act.kind === 'command') return {}
  const { from, to = common.out } = act.kind === 'collector' || act.kind === 'rows' ? {} : (act.streams?.(values as never) ?? {})
  if (act.kind === 'collector' || (from === undefined && common.in === undefined)) return { to }
  if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}": records come from ${from?.address ?? common.in}`)
  if (act.kind === 'fold' && !common.once) throw new Failure('usage', 'has its answer at the end of the input: give --once')
  const since = sinceOf(common.since), warmFrom = common.warmUp === undefined ? undefined : Date.now() - common.warmUp
  if (common.group !== undefined && !isGroupName(common.group)) {
    throw new Failure('usage', `--group: expected letters, digits, ".", "_" or "-", got "${common.group}"`)
  }
  if (from !== undefined) return { to, from: { ...from, group: common.group, since, goesOn: from.goesOn && !common.once, warmFrom } }
  const group = common.group ?? (common.since === undefined ? act.name.replace(/^vanta-/, '').replaceAll(' ', '-') : undefined)
  return { to, from: { address: common.in ?? '', group, since, goesOn: !common.once, warmFrom } }
}

interface ToolStreams extends Pick<Streams, 'to'> {
  readonly from?: StreamIn | undefined
}

async function surroundings(act: AnyAct, { common }: Parsed, output: () => Sink, stopping: Stopping, { from }: ToolStreams): Promise<Surroundings> {
  const level: Level = common.verbose ? 'debug' : common.quiet ? 'warn' : 'info'
  const json = common.logJson || common.logFile !== undefined
  const toStderr = (line: string): void => void process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}${redaction.of(line)}`)
  const log = json ? await jsonLog(act.name, level, common.logFile) : plainLog(act.name, level, toStderr)
  return realSurroundings({
    clock: clockOf(common.now),
    seed: common.seed,
    ambient: ambientOf(common.now, common.seed),
    home: homeOf(common.home, process.env),
    root: rootOf(process.env),
    log: (tool) => (json || tool === act.name ? log : plainLog(tool, level, toStderr)),
    print: (text) => output().write(text),
    terminal: process.stdout.isTTY === true,
    // A terminal that says 0 does not know its width.
    columns: process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : undefined,
    colours: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    flushed: () => output().flushed(),
    signal: stopping.signal,
    reading: from?.address,
    servers: { redis: process.env['VANTA_REDIS'], kafka: process.env['VANTA_KAFKA'] },
    credentialsFolder: process.env['CREDENTIALS_DIRECTORY'],
    secretsPlace: common.secretsIn,
    progress: (text) => void (process.stderr.isTTY && process.stderr.write(`${CLEAR_LINE}${text}`)),
  })
}

async function runCommand(act: AnyCommand, parsed: Parsed, around: Surroundings, output: Hushed, stopping: Stopping): Promise<Exit | number> {
  const world = worldOf(act.name, around)
  let heard: Exit = 'done'
  async function hear(each: (record: Vanta) => void | Promise<void>): Promise<void> {
    const rejects = rejectsOf(act, parsed, around)
    const hand = (line: Line, place: string): void | Promise<void> => {
      const record = recordOf(line, place, rejects)
      return record && each(record)
    }
    const nothing = (): void => undefined, files = filesOf(act, { operands: [STDIN] })
    const rest = { flush: nothing, end: nothing, flushed: nothing, landed: nothing, verdict: () => undefined }
    heard = await readAll(act, parsed, around, { output, stopping, from: undefined, files, rejects, hand, ...rest })
  }
  // `values` came from this tool's own table; the description's types are erased here and nowhere else.
  try {
    const exit = await act.act(parsed.values as never, parsed.operands, world, (record) => output.write(lineOf(record)), hear)
    return heard === 'done' ? exit ?? 'done' : heard
  } catch (error) {
    if (error instanceof Stopped) return 'done'
    throw error
  }
}

async function runCollector(act: AnyCollector, parsed: Parsed, around: Surroundings, output: Hushed, stopping: Stopping): Promise<void> {
  let count = 0
  for await (const record of act.collect(parsed.values as never, worldOf(act.name, around))) {
    output.write(lineOf(record))
    if (++count % 512 === 0) await output.drained()
    if (stopping.now) return
  }
}

/** Where lines come from and go to, and when to stop. */
interface Ways {
  readonly output: Hushed
  readonly stopping: Stopping
  /** Undefined: the files that are named, or stdin. */
  readonly from: StreamIn | undefined
}

async function runStreaming(act: AnyStreaming, parsed: Parsed, around: Surroundings, ways: Ways): Promise<Exit> {
  const { output } = ways, readsNothing = act.readsNothing?.(parsed.values as never) === true
  const files = readsNothing || ways.from !== undefined ? [] : filesOf(act, parsed)
  const running = await openStage(act, parsed.values, worldOf(act.name, around))
  const rejects = rejectsOf(act, parsed, around)
  const reader = new RecordReader(running, rejects)
  const stages = chain([running], (record) => output.write(lineOf(record), keyOf(record)))
  const hand = (line: Line, place: string): void | Promise<void> => {
    const keep = line.fault === undefined ? running.stage.line?.(line.text) : undefined
    if (keep === undefined) return reader.hand(line, place, stages, output)
    if (keep) output.write(line.text)
  }
  return readAll(act, parsed, around, { ...ways, ...stages, files, rejects, hand, flush: () => undefined })
}

async function runRows(act: AnyRowTool, parsed: Parsed, around: Surroundings, ways: Ways): Promise<Exit> {
  const { output } = ways, files = ways.from === undefined ? filesOf(act, parsed) : []
  const stage = await act.open(parsed.values as never, worldOf(act.name, around))
  const rejects = rejectsOf(act, parsed, around)
  const emit = (line: string): void => output.write(line)
  const flush = (): void => stage.flush?.(emit)
  const hand = (line: Line, place: string): void | Promise<void> => handRow(stage, line, place, rejects, emit)
  const nothing = (): undefined => undefined
  const rest = { flushed: nothing, landed: nothing, verdict: nothing }
  return readAll(act, parsed, around, { ...ways, ...rest, files, rejects, hand, flush, end: () => stage.end?.(emit) })
}

/** What is read: the files that are named, else stdin. */
function filesOf(act: AnyAct, { operands }: Pick<Parsed, 'operands'>): readonly string[] {
  const files = operands.length === 0 ? [STDIN] : operands
  if (files.includes(STDIN) && process.stdin.isTTY) throw new Failure('usage', `reads records from stdin, which is a terminal\nUsage: ${usageOf(act)}`)
  return files
}

const rejectsOf = (act: AnyAct, { common }: Parsed, { home }: Surroundings): Rejects =>
  new Rejects(act.name, home, common, (text) => process.stderr.write(text))

interface Reading extends Ways {
  readonly files: readonly string[]
  readonly rejects: Rejects
  hand(line: Line, place: string): void | Promise<void>
  /** Hand over what gathers within the tool, after each chunk. */
  flush(): void
  end(): void | Promise<void>
  /** All that the tool sent elsewhere than to the output is durable there. */
  flushed(): void | Promise<void>
  /** All of the output has left: before what was read counts as done, and after the end. */
  landed(): void | Promise<void>
  /** What it ends with although all that was read counts as done. */
  verdict(): Failure | undefined
}

async function readAll(act: AnyAct, { common }: Parsed, around: Surroundings, reading: Reading): Promise<Exit> {
  const { files, from, rejects, output, stopping, hand, flush, end } = reading
  const ended: Ended = async (flushed) => {
    // A stopped fold has no answer: half its input would look like all of it.
    if (stopping.now) return
    await end()
    await flushed()
    if (!output.closed) await reading.landed()
  }
  const pause = (): void | Promise<void> => {
    flush()
    return output.drained()
  }
  for (const file of files) {
    const place = file === STDIN ? 'stdin' : file
    await eachLine(file === STDIN ? process.stdin : file, common.maxLine, { hand: (line) => hand(line, place), pause, stopped: () => stopping.now })
    if (stopping.now) break
  }
  const left = async (): Promise<void> => {
    await reading.flushed()
    await output.finished()
  }
  if (from === undefined) await ended(left)
  else await readFrom(from, act.name, around, reading, ended)
  // Also where it was stopped: what was taken from a pipe will not come again.
  await reading.flushed()
  rejects.sum()
  const failure = reading.verdict()
  if (failure !== undefined) throw failure
  return rejects.failed ? 'data' : 'done'
}

type Ended = (flushed: () => Promise<void>) => Promise<void>

async function readFrom(from: StreamIn, tool: string, around: Surroundings, reading: Reading, ended: Ended): Promise<void> {
  const { rejects, hand, flush, output, stopping } = reading
  const bus = await openBus(from.address, tool, around)
  // Opened where there is something to put there.
  let dead: DeadLetters | undefined
  const bad: Bad[] = []
  rejects.also = (one) => void bad.push(one)
  const flushed = async (): Promise<void> => {
    flush()
    if (bad.length > 0) await (dead ??= deadLetters(await openBus(deadAddress(from.address), tool, around), tool, bus.address)).keep(bad.splice(0))
    await reading.flushed()
    await output.flushed()
  }
  try {
    const hush = (on: boolean): void => void (output.on = rejects.hushed = on)
    const handed = { hand: (line: Line) => hand(line, bus.address), flushed, landed: () => reading.landed(), stopped: () => stopping.now, hush }
    await readStream(bus, from, handed, () => ended(flushed))
  } finally {
    await bus.close()
    await dead?.close()
  }
}

/** Lines into checked records. */
class RecordReader {
  readonly #running: Running
  readonly #rejects: Rejects

  constructor(running: Running, rejects: Rejects) {
    this.#running = running
    this.#rejects = rejects
  }

  /** Parse, check, and push a record the stage reads; pass others on as they came. */
  hand(line: Line, place: string, stages: Chain, output: Sink): void | Promise<void> {
    const record = recordOf(line, place, this.#rejects)
    if (record === undefined) return
    if (this.#running.reads.has(record.kind)) return stages.push(keepLine(record, line.text))
    this.#running.hear(record)
    output.write(line.text, keyOf(record))
  }
}

/** A line as a checked record; one that is none is put aside. */
function recordOf(line: Line, source: string, rejects: Rejects): Vanta | undefined {
  const value = rejects.parse(line, source)
  if (value === undefined) return undefined
  const checked = check(value)
  if ('record' in checked) return checked.record
  const { path, message } = checked.fault
  return rejects.add({ place: `${source}:${line.number}`, fault: path === '' ? message : `field "${path}": ${message}`, line: line.text })
}

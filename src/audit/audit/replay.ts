import { endOfDay, formatInstant, type Vanta } from '#record'
import { command, Failure, type ActionWorld } from '#tool'
import { ownKeys } from '#tool/node'
import { lineWith, prefixIn } from '#tool/asking'
import { makerOf } from '#domain/audit/replay/maker'
import type { Finding } from '#domain/audit/replay/match'
import { recordOfLine } from '#domain/audit/links'
import { isMade, lineAt, survey, type Survey } from '#domain/audit/replay/survey'
import { verifyChain } from '#domain/audit/chain'
import { lineName, WholeLog } from '#domain/audit/whole'
import { history, type Answer, type Question } from './replay/history.ts'

const MOST_SHOWN = 20

export default command({
  name: 'vanta-audit replay',
  summary: 'Make a past decision anew from the log alone, and say whether it is the same to the byte; if not, what differs.',
  about: [
    'What the log says was heard is handed to the tools that made something of it, with the words that `by` names and on the memory that they said',
    'they read; what they make is held against the lines of the log. Exit 0: the same bytes; 1: not, or there is none such. The cause is named:',
    'another version, an option, a file that an option names, an input that was altered or is missing, memory that does not follow from the log, a',
    'line that was altered, or the code. Taken as they are: what collectors heard, moments (ticks), word of people, and what a venue answered:',
    'orders at any broker but paper are not made anew. What filters dropped on the way is not in the log; that they dropped it cannot be shown.',
  ].join(' '),
  operands: '[ID]',
  options: {
    all: { kind: 'flag', help: 'everything in the log' },
    from: { kind: 'moment', help: 'with --all: only what was known at or after this moment' },
    to: { kind: 'moment', help: 'with --all: only what was known up to this moment; a bare date is taken whole' },
  },
  examples: [{ run: 'vanta-audit replay 3f2a9c --home /nowhere', note: 'the beginning of an id will do', status: 1 }],
  async act({ all, from, to }, operands, world) {
    if (all && operands.length > 0) throw new Failure('usage', `with --all: expected no operand, got "${operands[0]}"`)
    const prefix = all ? undefined : prefixIn(operands)
    if (!all && (from !== undefined || to !== undefined)) throw new Failure('usage', '--from and --to go with --all')
    const log = new WholeLog(world.logs)
    try {
      return prefix === undefined ? await replayAll(log, { from, to }, world) : await replayOne(log, prefix, world)
    } finally {
      log.close()
    }
  },
})

interface Span {
  readonly from: number | undefined
  readonly to: number | undefined
}

async function replayAll(log: WholeLog, { from, to }: Span, world: ActionWorld): Promise<'done' | 'negative'> {
  const found = surveyed(log, undefined)
  if (found.lines === 0) throw new Failure('negative', 'there is no audit log')
  const first = from === undefined ? '' : formatInstant(from), last = to === undefined ? '9' : formatInstant(endOfDay(to))
  const isMeant = ({ known_at }: Vanta): boolean => known_at >= first && known_at <= last
  const answer = await answered({ log, survey: found, isMeant, only: undefined }, world)
  for (const [stage, count] of answer.identical) {
    const made = found.runs.flatMap(({ stages }) => [...stages.values()]).find(({ name }) => name === stage.split(', ')[0])
    world.print(`${String(count).padStart(9)}  ${stage}${made === undefined || made.maker.words === '' ? '' : `  (${made.maker.words})`}`)
  }
  const count = [...answer.identical.values()].reduce((sum, one) => sum + one, 0)
  const dropped = [...answer.dropped.values()].reduce((sum, one) => sum + one, 0)
  const beside = [
    `${answer.heard} taken as they are`, ...(answer.told > 0 ? [`${answer.told} told by a venue`] : []),
    ...(dropped > 0 ? [`${dropped} made that filters had dropped`] : []),
  ].join(', ')
  const runs = `${found.runs.length} ${found.runs.length === 1 ? 'run' : 'runs'}`
  return concluded(`${count} records of ${runs} made anew to the byte; ${beside}`, answer, found, log, world)
}

async function replayOne(log: WholeLog, prefix: string, world: ActionWorld): Promise<'done' | 'negative'> {
  const record = recordOfLine(lineWith(prefix, world).bytes.toString('utf8'))
  if (record === undefined) throw new Failure('negative', `no record ${prefix} in the log`)
  const found = surveyed(log, record.id), line = found.target ?? 0
  const run = found.runs.find(({ first, last }) => first <= line && line <= last)
  const maker = makerOf(record.by), stage = maker?.stage
  const isMeant = ({ id }: Vanta): boolean => id === record.id
  const only = run === undefined || stage === undefined || !isMade(record) ? undefined : { stage, run }
  const named = `${record.kind} ${record.id}, ${lineName(log.parts, line - 1)}, by ${record.by}`
  if (only === undefined) return taken(named, log, line, found, world)
  const answer = await answered({ log, survey: found, isMeant, only }, world)
  const count = [...answer.identical.values()].reduce((sum, one) => sum + one, 0)
  if (count === 0 && answer.findings.length === 0) return taken(named, log, line, found, world)
  return concluded(named, answer, found, log, world)
}

/** Nothing to make anew: what was heard is evidence by its id. */
function taken(named: string, log: WholeLog, line: number, found: Survey, world: ActionWorld): 'done' | 'negative' {
  const fault = faultOf(world)
  const isRecord = recordOfLine(lineAt(log, found, line)) !== undefined
  world.print(`taken as it is: ${named}: it was heard, not made from other records${fault === undefined ? '' : `; NOT INTACT: ${fault}`}`)
  return fault === undefined && isRecord ? 'done' : 'negative'
}

const surveyed = (log: WholeLog, wanted: string | undefined): Survey => survey(log, wanted, log.parts.map(({ from }) => from))

/** What was changed in the log, or in one that it goes on from. */
function faultOf(world: ActionWorld): string | undefined {
  const links = verifyChain(world.logs, { keys: (origin) => ownKeys(origin, world), anchors: [] })
  return typeof links === 'string' ? links : undefined
}

const answered = (question: Question, world: ActionWorld): Promise<Answer> => history(question, world)

function concluded(what: string, { findings }: Answer, { unread }: Survey, { parts }: WholeLog, world: ActionWorld): 'done' | 'negative' {
  const fault = faultOf(world)
  if (fault !== undefined) world.print(`DIFFERS: input altered: ${fault}`)
  for (const line of unread.slice(0, MOST_SHOWN)) world.print(`DIFFERS: ${lineName(parts, line - 1)} is no record`)
  const ordered = [...findings].sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity))
  for (const finding of ordered.slice(0, MOST_SHOWN)) world.print(`DIFFERS: ${textOf(finding, parts)}`)
  if (ordered.length > MOST_SHOWN) world.print(`... and ${ordered.length - MOST_SHOWN} more`)
  const isSame = fault === undefined && findings.length === 0 && unread.length === 0
  world.print(isSame ? `identical: ${what}` : `NOT IDENTICAL: ${findings.length} differ; ${what}`)
  return isSame ? 'done' : 'negative'
}

const textOf = ({ line, id, kind, stage, cause, detail }: Finding, parts: WholeLog['parts']): string =>
  [
    ...(line === undefined ? [] : [lineName(parts, line - 1)]), ...(kind === '' ? [] : [`${kind} ${id.slice(0, 12)}`]), `${stage}: ${cause}: ${detail}`,
  ].join(', ')

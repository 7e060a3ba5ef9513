import { conclusionOf, findingLines, type Finding } from '#domain/operate/diagnosis/finding'
import { paintWith } from '#domain/operate/paint'
import { formatInstant } from '#record'
import { command, Failure, type ActionWorld, type Answer } from '#tool'
import { bookFinding, logFindings, recordFinding, sampleFindings } from './record.ts'
import { certificateFinding, clockOf, diskOf, keyFindings, memoryFindings, permissionsOf, programOf, skewFindings, switchOf } from './setting.ts'

const LOG = 'executor_diagnostics.log', TRADE_LOG = 'trade_log.jsonl'

export default command({
  name: 'vanta-diagnostics',
  summary: 'Check a node from its clock to its record, and say of each check what to do.',
  about: [
    'Program and packages, time zone and locale; the clock against all that it stamped, and against the server of streams; room on the disk; who may',
    'read and write; keys and certificates; memory files by the code that reads them; the kill switch; the audit log by its own proof, with the logs',
    'it goes on from; books against the trade log; logs that were cut off; and a sample of the latest decisions, each made anew from the log. A line for',
    'each: ok, warn or fail. Exit 0: none failed; 1: a check failed; 78: one failed because of how the node is set up. Where orders are traded, the',
    'outcome is appended to logs/executor_diagnostics.log.',
  ].join(' '),
  options: {
    json: { kind: 'flag', help: 'one JSON object a check' },
    stream: { kind: 'list', help: 'streams on servers whose clock is to be asked too, such as redis:signals (default: what the node reads)' },
    sample: { kind: 'integer', default: '3', help: 'how many of the latest decisions are made anew; 0: none' },
  },
  examples: [
    'vanta-vault init core >/dev/null && vanta-diagnostics',
    { run: 'vanta-diagnostics', note: 'no overlay: nothing may be sent', status: 78 },
    'vanta-vault init core >/dev/null && vanta-diagnostics --json | jq -r "[.level, .check] | @tsv"',
  ],
  async act({ json, sample, stream = [] }, _operands, world): Promise<Answer> {
    if (sample < 0) throw new Failure('usage', '--sample: expected 0 or more')
    const paint = paintWith(world.colours === true), findings: Finding[] = []
    for await (const finding of checks(sample, stream, world)) {
      findings.push(finding)
      if (json) world.print(JSON.stringify(finding))
      else world.progress(`${finding.level}  ${finding.check}`)
    }
    world.progress('')
    if (!json) for (const line of findingLines(findings, world.columns, paint)) world.print(line)
    keep(findings, world)
    return conclusionOf(findings)
  },
})

async function* checks(sample: number, stream: readonly string[], world: ActionWorld): AsyncGenerator<Finding, void, undefined> {
  yield* programOf(world)
  yield clockOf(world)
  yield* skewFindings(stream, world)
  yield diskOf(world)
  yield permissionsOf(world)
  yield* keyFindings(world)
  yield await certificateFinding(world)
  yield* memoryFindings(world)
  yield switchOf(world)
  yield* logFindings(world)
  yield recordFinding(world)
  yield bookFinding(world)
  yield* sampleFindings(sample, world)
}

/** What traders' nodes remember of each check: a line, for whoever looks into it later. */
function keep(findings: readonly Finding[], { machine, home, clock, journal }: ActionWorld): void {
  if (!machine.entries(`${home}/logs`).some(({ name }) => name === TRADE_LOG)) return
  const amiss = findings.filter(({ level }) => level !== 'ok').map(({ check, level, detail }) => ({ check, level, detail }))
  const log = journal(LOG)
  log.append(JSON.stringify({ at: formatInstant(clock.now()), event: 'diagnostics', conclusion: conclusionOf(findings), checks: findings.length, amiss }))
  log.sync()
}

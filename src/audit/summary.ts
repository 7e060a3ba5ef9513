import { formatInstant, type Attribution } from '#record'
import { command, Failure, type ActionWorld, type Answer } from '#tool'
import { openSteps } from '#tool/pipeline'
import { auditStateOf } from '#domain/audit/archive'
import { WholeLog } from '#domain/audit/whole'
import { digestLine } from '#domain/report/digest'
import { CUTS } from '#domain/report/figures'
import { gather } from '#domain/report/gather'
import { reportOf } from '#domain/report/page'
import { findTool } from '../tools.ts'

const PNL = 'pnl_summary.json', RUN = 'summary.json', DIGEST = 'reflection_digest.log'

export default command({
  name: 'vanta-summary',
  summary: 'Tell what was done and why, on one HTML page, from the record of the home.',
  about: [
    'Reads logs/audit.jsonl, memory/pnl_summary.json and memory/summary.json (of a back-test, where there was one) and writes a',
    'page that needs nothing else: figures beside what they must be read with, the equity curve against its benchmark, convictions',
    'by subject and day, trades with their reasons, where the money came from, what was declined, and how to check all of it. What',
    'the record does not tell is said to be not known. A line with the figures and the sentences, each naming the records it rests',
    'on, is appended to logs/reflection_digest.log. Prints the path of the page; ends with 1 where the home has no record yet.',
  ].join(' '),
  options: {
    out: { kind: 'path', help: 'file to write (default: report.html in the home)' },
    topTrades: { kind: 'integer', default: '30', help: 'trades told in full, largest result first' },
    title: { kind: 'text', help: 'title of the page (default: What Vanta did, and why)' },
  },
  examples: [{ run: 'vanta-summary --home /nowhere', note: 'no record, no report', status: 1 }],
  async act({ out, topTrades, title }, operands, world): Promise<Answer> {
    if (operands.length > 0) throw new Failure('usage', `unexpected "${operands[0]}"`)
    if (topTrades < 0) throw new Failure('usage', '--top-trades: expected 0 or more')
    const log = new WholeLog(world.logs)
    try {
      const pnl = world.store.read(PNL)?.memory, summary = world.store.read(RUN)?.memory
      if (log.size() === 0 && pnl === undefined && summary === undefined) throw new Failure('negative', `no record in ${world.home}`)
      const audit = auditStateOf(world.logs)
      const material = { gathered: gather(log), pnl: pnl ?? {}, summary: summary ?? {}, audit, attribution: await attributionOf(world) }
      const report = reportOf(material, { title, topTrades })
      const path = out ?? `${world.home}/report.html`
      world.folder.write(path, report.page)
      const digest = world.journal(DIGEST)
      const at = formatInstant(world.clock.now())
      digest.append(digestLine(report, material, { at, out: path, by: world.by }))
      digest.sync()
      world.print(path)
      return 'done'
    } finally {
      log.close()
    }
  },
})

/** The profit told apart in every way at once, as `vanta-pnl --by` answers it. */
async function attributionOf(world: ActionWorld): Promise<readonly Attribution[]> {
  const silent: ActionWorld = { ...world, as: (tool) => ({ ...world.as(tool), terminal: false }) }
  const step = { place: 'vanta-summary', tool: 'vanta-pnl', words: ['--by', CUTS.join(',')] }
  const rows: Attribution[] = []
  for (const { stage } of await openSteps([step], findTool, silent)) {
    await stage.end?.((record) => {
      if (record.kind === 'attribution') rows.push(record)
    })
  }
  return rows
}

import { formatDuration, millisOf, type Risk } from '#record'
import { action, type Emit } from '#tool'
import { columns } from '#domain/report/columns'
import { memoryOfRisk, SYSTEM_RISK_FILE } from '#domain/risk/memory'
import { Remembered, RiskMonitor } from '#domain/risk/monitor'

const why = ({ because }: Risk): string => (because.length === 0 ? '' : `: ${because.join(', ')}`)

/** Of the log: profits and outcomes come after the decision that they are to be held against. */
const PAST_MS = 400 * 86_400_000

export default action({
  name: 'vanta-risk',
  summary: 'Tell the risk state of market and system, session by session: calm, elevated, stressed or halted.',
  about: [
    'After each close of the US session it looks at what was known by then: how much the benchmark and the other shares move and how far they move',
    'together, how far the benchmark and the vaults have fallen, whether prices came at all, which feeds are mute or down, whether readings and the',
    'calibration of convictions have drifted. Each measure calls for a state by thresholds that it leaves lower than it enters; the state is that of',
    'the worst. It is worse at once, and calmer once nothing worse has been for --dwell. A session without any price is halted. It is said as a `risk`',
    'record after each session and whenever feeds change it, stands for its ttl, and is kept in memory/system_risk.json, where vanta-synthesize finds',
    'it. Feed it with bars of more than a year, so that it knows what is usual; where volatility cannot be told the market is unknown, which is',
    'elevated. Profits and outcomes are also taken from the audit log of the home.',
  ].join(' '),
  options: {
    benchmark: { kind: 'text', default: 'ticker:SPY', help: 'the subject that stands for the market' },
    grace: { kind: 'duration', default: '1h', help: 'how long after a close its prices may be heard' },
    dwell: { kind: 'duration', default: '3d', help: 'how long nothing worse must have been before the state is a calmer one' },
    table: { kind: 'flag', help: 'a table of the measures at the end instead of the records' },
  },
  reads: ['bar', 'price', 'signal', 'health', 'pnl', 'outcome', 'control'],
  restsOnAll: true,
  state: { [SYSTEM_RISK_FILE]: [] },
  examples: [
    'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-12 | vanta-risk --now stream | grep \'^{"kind":"risk"\' | jq -r .state | uniq -c',
    { run: 'vanta-replay --data samples/season --from 2020-11-25 --to 2021-01-12 | vanta-risk --now stream --table', note: 'what it looks at' },
  ],
  open({ benchmark, grace, dwell, table }, { store, clock, by, past, print, log }) {
    const monitor = new RiskMonitor({ by, benchmark, graceMs: grace, dwellMs: dwell })
    const remembered = new Remembered(past(PAST_MS))
    let version = store.read(SYSTEM_RISK_FILE)?.version ?? 0
    let last: Risk | undefined
    function say(risk: Risk | undefined, emit: Emit): void {
      if (risk === undefined) return
      if (risk.state !== last?.state && last !== undefined) log.info(`${risk.at}: ${last.state} -> ${risk.state}${why(risk)}`)
      last = risk
      version = store.write(SYSTEM_RISK_FILE, memoryOfRisk(risk), version)
      if (!table) emit(risk)
    }
    function advance(toMs: number, emit: Emit): void {
      const risk = monitor.advance(toMs)
      say(risk, emit)
      for (const record of remembered.until(toMs)) monitor.hear(record)
    }
    return {
      each(record, emit) {
        advance(millisOf(record.known_at), emit)
        if (!table) emit(record)
        if (record.kind !== 'control') say(monitor.hear(record), emit)
      },
      end(emit) {
        if (monitor.isOpen) advance(clock.now(), emit)
        if (!table || last === undefined) return
        const rows = last.measures.map(({ name, state, detail = 'cannot be told' }) => [name, state, detail])
        print(`${last.state} since ${last.at}, for ${formatDuration(last.ttl * 1000)}${why(last)}`)
        for (const line of columns([['MEASURE', 'STATE', ''], ...rows], new Set())) print(line)
      },
    }
  },
})

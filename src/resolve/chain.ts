import { formatInstant, make, millisOf, type Millis } from '#record'
import { fold, type Emit } from '#tool'
import { evidenceOf } from '#domain/conviction/evidence'
import { Moments } from '#domain/conviction/moments'
import { Chain, CHAIN } from '#domain/graph/chain'

export default fold({
  name: 'vanta-chain',
  summary: 'Believe of one thing what is believed of others that have to do with it, and say by what chain.',
  about: [
    'Readings and beliefs on subjects, and the links between subjects, make a factor graph; belief propagation on it is exact where the links',
    'make no cycle, damped and checked for standing still where they do. What a subject is told by the others becomes a `belief` of the maker',
    '"chain": never what it said itself, so that nothing is counted twice. Each names its chain: the links and the evidence at their ends.',
    'Moments are those of vanta-synthesize: the end of input, a tick from upstream, each multiple of --every.',
  ].join(' '),
  options: {
    every: { kind: 'duration', help: 'decide at each multiple of this duration, by the time of the stream, and say a tick' },
    restate: { kind: 'number', default: '0.02', help: 'change in log-odds that is worth saying again' },
    depth: { kind: 'integer', default: '4', help: 'links from evidence to what it bears on, at most' },
    links: { kind: 'integer', default: '500000', help: 'links remembered' },
    limit: { kind: 'integer', default: '500', help: 'readings held of one subject and maker, the heaviest' },
    floor: { kind: 'number', default: '0.01', help: 'forget evidence lighter than this' },
  },
  reads: ['signal', 'belief', 'link', 'control'],
  examples: [
    'vanta-sec --from samples/season/insider/openinsider_ceo_buys_2020-11_2021-01.csv.gz | vanta-normalize | vanta-resolve | ' +
      'vanta-chain --now 2021-01-15T00:00:00Z | tail -1 | cut -c1-60',
  ],
  open({ every, restate, depth, links, limit, floor }, { clock, log, by }) {
    const chain = new Chain({ by, restate, depth, links }, limit, floor)
    const moments = new Moments(every)
    let restless = 0, rounds = 0
    function decideAt(momentMs: Millis, emit: Emit): void {
      const { beliefs, report } = chain.at(momentMs)
      for (const belief of beliefs) emit(belief)
      moments.decided(momentMs)
      if (report === undefined) return
      rounds = Math.max(rounds, report.rounds)
      if (!report.converged) restless++
    }
    return {
      each(record, emit) {
        const knownMs = millisOf(record.known_at)
        const dueMs = moments.due(knownMs)
        if (dueMs !== undefined) {
          decideAt(dueMs, emit)
          const moment = formatInstant(dueMs)
          emit(make('control', { at: moment, known_at: moment, source: 'vanta-chain', by, type: 'tick' }))
        }
        if (record.kind === 'control') {
          if (record.type === 'tick') decideAt(knownMs, emit)
        } else if (every !== undefined || knownMs <= clock.now()) {
          moments.feed()
          if (record.kind === 'link') chain.link(record)
          else if (record.kind === 'belief') {
            if (record.maker !== CHAIN) chain.evidence.holdBelief(record)
          } else {
            const evidence = evidenceOf(record)
            if (evidence !== undefined) chain.evidence.hold(evidence)
          }
        }
        emit(record)
      },
      end(emit) {
        const lastMs = moments.last(clock.now())
        if (lastMs !== undefined) decideAt(lastMs, emit)
        if (rounds > 0) log.info(`messages stood still within ${rounds} rounds`, { rounds })
        if (restless > 0) log.warn(`at ${restless} moments messages did not stand still: nothing was believed of them`, { restless })
      },
    }
  },
})

import { filter, Failure } from '#tool'
import { Track } from '#domain/outcome/track'

export default filter({
  name: 'vanta-track',
  summary: 'Follow each conviction until its horizon is over, and say what became of it.',
  about: [
    'Of the convictions on a subject the one that stands when a session opens is judged: entered at that open, left at the close of each horizon. An',
    '`outcome` is known at that close and never before; it says the move, whether the stated direction was hit, the rank and band the conviction',
    'had, and who had a part in it: makers, sources, authors. Feed it convictions, rankings, the signals behind them and daily bars.',
  ].join(' '),
  options: {
    horizon: { kind: 'list', default: '1d,5d,20d', help: 'sessions over which to judge' },
    window: { kind: 'duration', default: '45d', help: 'how long a signal is remembered, so that its source and author are known' },
  },
  reads: ['signal', 'conviction', 'ranking', 'bar'],
  examples: [
    'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-12 | vanta-normalize | vanta-synthesize --every 1d | vanta-track --horizon 1d ' +
      '| grep -m 1 outcome | jq .hit',
  ],
  open({ horizon, window }, { by }) {
    const track = new Track({ by, horizons: horizon.map(sessionsIn), windowMs: window })
    return {
      each(record, emit) {
        switch (record.kind) {
          case 'signal':
            track.signal(record)
            break
          case 'conviction':
            track.conviction(record)
            break
          case 'ranking':
            track.ranking(record)
            break
          case 'bar': {
            const outcomes = track.bar(record)
            emit(record)
            for (const outcome of outcomes) emit(outcome)
            return
          }
        }
        emit(record)
      },
    }
  },
})

function sessionsIn(text: string): number {
  const sessions = /^(\d{1,3})d$/.exec(text)?.[1]
  if (sessions === undefined || Number(sessions) < 1) throw new Failure('usage', `--horizon: expected sessions such as 5d, got "${text}"`)
  return Number(sessions)
}

import { KINDS } from '#record'
import { Deriver } from '#domain/features/derive'
import type { Observation } from '#domain/features/observe'
import { action } from '#tool'
import { BLOCK, byView, definitionsOf, offlineOf, STORE } from './common.ts'

export default action({
  name: 'vanta-features ingest',
  summary: 'Keep what the records that pass by tell of features; the records themselves pass on.',
  about: [
    'For streams that are in no log of this home: `vanta-features materialize` takes in the home\'s own log by itself. What is late, or corrects what was said',
    'before, is kept beside it with the moment at which it was known. Records that come again change nothing.',
  ].join(' '),
  options: STORE,
  reads: KINDS,
  examples: [
    'vanta-bars --from samples/season/bars/etf_daily_2020-09_2021-02.csv.gz | vanta-features ingest >/dev/null && ' +
      'vanta-features get ticker:SPY --as-of 2021-01-15T15:00:00Z',
  ],
  open(values, world) {
    const definitions = definitionsOf(values, world), offline = offlineOf(values, world), deriver = new Deriver(definitions.views.values())
    let observations: Observation[] = []
    const keep = async (): Promise<void> => {
      const kept = observations
      observations = []
      await offline.add(byView(kept, definitions))
    }
    return {
      each(record, emit) {
        for (const one of deriver.observations(record)) observations.push(one)
        emit(record)
        if (observations.length >= BLOCK) return keep()
      },
      async flushed() {
        if (observations.length > 0) await keep()
      },
    }
  },
})

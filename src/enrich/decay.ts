import { formatDuration, formatInstant, isAfter, millisOf, note, type Millis } from '#record'
import { filter } from '#tool'
import { decayed } from '#domain/conviction/decay'
import { halfLifeOf } from '#domain/conviction/priors'

export default filter({
  name: 'vanta-decay',
  summary: 'Weigh each signal by its age: half as much for every half-life that has passed.',
  about:
    'Notes weight, half_life and weighted_at. A signal that already carries a weight is aged on from there, so that passing ' +
    'twice at the same moment changes nothing. What is not yet known at that moment is dropped, and so is what is too light.',
  options: {
    halfLife: { kind: 'duration', help: 'time for a weight to halve (default: by type, from the priors of its maker)' },
    floor: { kind: 'number', default: '0.01', help: 'drop signals lighter than this' },
  },
  reads: ['signal', 'belief'],
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | ' +
      'vanta-decay --half-life 6h --now 2021-01-15T00:00:00Z | head -3',
  ],
  open({ halfLife, floor }, { clock, log }) {
    const instantOf = remembered(formatInstant)
    const durationOf = remembered(formatDuration)
    let unknown = 0
    let light = 0
    return {
      each(record, emit) {
        const nowMs = clock.now()
        if (isAfter(record.known_at, instantOf(nowMs))) {
          unknown++
          return
        }
        const halfLifeMs = halfLife ?? halfLifeOf(record)
        const sinceMs = millisOf(record.weighted_at ?? record.at)
        const weight = decayed(record.weight ?? 1, nowMs - sinceMs, halfLifeMs)
        if (weight < floor) {
          light++
          return
        }
        // Something still to come starts to age when it happens, not now.
        const weightedAt = sinceMs > nowMs ? formatInstant(sinceMs) : instantOf(nowMs)
        emit(note(record, { weight, half_life: durationOf(halfLifeMs), weighted_at: weightedAt }))
      },
      end() {
        if (unknown > 0) log.info(`dropped ${unknown} records not known until later`, { unknown })
        if (light > 0) log.info(`dropped ${light} records lighter than ${floor}`, { light })
      },
    }
  },
})

/** Formatting a time costs more than ageing a weight, and mostly the last one comes again. */
function remembered(format: (ms: Millis) => string): (ms: Millis) => string {
  let lastMs = NaN
  let text = ''
  return (ms) => {
    if (ms !== lastMs) {
      text = format(ms)
      lastMs = ms
    }
    return text
  }
}

import { formatDuration, formatInstant, isAfter, millisOf, note, type Millis } from '#record'
import { filter } from '#tool'
import { decayed } from '#domain/conviction/decay'
import { halfLifeFor } from '#domain/conviction/half_lives'

export default filter({
  name: 'vanta-decay',
  summary: 'Weigh each signal by its age: half as much for every half-life that has passed.',
  about:
    'Notes weight, half_life and weighted_at. A signal that already carries a weight is aged on from there, so that passing ' +
    'twice at the same moment changes nothing. What is not yet known at that moment is dropped, and so is what is too light. Without --half-life each ' +
    'source has the half-life that was learned of it from what was known before the signal (models/half_lives.json), else that of the prior of its maker; ' +
    'those that were learned are named at the end.',
  options: {
    halfLife: { kind: 'duration', help: 'time for a weight to halve (default: as learned of the source, else by the prior of its maker)' },
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
    const learned = new Map<string, Millis>()
    let unknown = 0
    let light = 0
    return {
      each(record, emit) {
        const nowMs = clock.now()
        if (isAfter(record.known_at, instantOf(nowMs))) {
          unknown++
          return
        }
        const said = halfLife === undefined ? halfLifeFor(record) : undefined
        const halfLifeMs = halfLife ?? said?.ms ?? 0
        if (said?.learned === true && !learned.has(record.source)) learned.set(record.source, halfLifeMs)
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
        for (const [source, ms] of learned) log.info(`half-life of ${source}, as learned: ${durationOf(ms)}`, { source, half_life: durationOf(ms) })
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

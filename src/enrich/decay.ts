import { formatDuration, formatInstant, millisOf, note } from '#record'
import { filter } from '#tool'
import { halfLifeOf, decayed } from '#domain/decay'

export default filter({
  name: 'vanta-decay',
  summary: 'Weigh each signal by its age: half as much for every half-life that has passed.',
  options: {
    halfLife: { kind: 'duration', help: 'time for a weight to halve (default: by source and type)' },
    floor: { kind: 'number', default: '0.01', help: 'drop signals lighter than this' },
  },
  reads: ['signal', 'belief'],
  examples: ['vanta-decay --half-life 6h --now 2021-01-15T00:00:00Z samples/x.ndjson'],
  open({ halfLife, floor }, { clock }) {
    return {
      each(signal, emit) {
        const nowMs = clock.now()
        const halfLifeMs = halfLife ?? halfLifeOf(signal.source)
        const weight = decayed(signal.weight ?? 1, nowMs - millisOf(signal.weighted_at ?? signal.at), halfLifeMs)
        if (weight < floor) return
        emit(note(signal, { weight, half_life: formatDuration(halfLifeMs), weighted_at: formatInstant(nowMs) }))
      },
    }
  },
})

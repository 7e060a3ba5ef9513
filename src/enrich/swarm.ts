import { note, type Signal } from '#record'
import { filter, verbs } from '#tool'
import { Swarms } from '#domain/swarm/detector'
import { reasonsOf, swarmProbability } from '#domain/swarm/verdict'
import accounts from './swarm/accounts.ts'

const stream = filter({
  name: 'vanta-swarm',
  summary: 'Find authors that act as one, and take what they say for less.',
  about: [
    'Each text with an author is noted with `swarm`, the probability that it is part of a swarm, and `swarm_reasons`, where that is at least --note: others',
    'who said nearly the same, how quickly, how many of them had said nothing before, who share texts again and again, who speaks at even intervals.',
    'Readings of a text carry its note. vanta-synthesize counts a voice for (1 - swarm) of itself. Only what was known before counts, so that the',
    'first of a swarm passes as honest. Memory is bounded by two windows of the stream\'s own time.',
  ].join(' '),
  options: {
    window: { kind: 'duration', default: '1d', help: 'how long texts and authors are remembered, by known_at' },
    note: { kind: 'number', default: '0.05', help: 'least probability that is noted' },
  },
  reads: ['signal'],
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | vanta-swarm | head -3',
  ],
  open({ window, note: least }, { log }) {
    const swarms = new Swarms(window)
    let noted = new Map<string, { readonly swarm: number; readonly swarm_reasons: string[] }>()
    let flagged = 0
    const carry = (signal: Signal): void => {
      for (const parent of signal.parents) {
        const known = noted.get(parent)
        if (known === undefined) continue
        note(signal, { ...known, swarm_reasons: [...known.swarm_reasons] })
        return
      }
    }
    return {
      each(signal, emit) {
        if (signal.parents.length > 0) carry(signal)
        else {
          const sight = swarms.see(signal)
          const swarm = sight === undefined ? 0 : Math.round(swarmProbability(sight) * 1e3) / 1e3
          if (sight !== undefined && swarm >= least) {
            const said = { swarm, swarm_reasons: reasonsOf(sight, undefined) }
            note(signal, said)
            noted.set(signal.id, said)
            if (swarm >= 0.5) flagged++
            if (noted.size > NOTED_MOST) noted = new Map([...noted].slice(NOTED_MOST / 2))
          }
        }
        emit(signal)
      },
      end() {
        if (flagged > 0) log.info(`${flagged} texts are more likely than not part of a swarm`, { flagged })
      },
    }
  },
})

/** Texts whose note their readings may still ask for. */
const NOTED_MOST = 100_000

export default verbs({
  name: 'vanta-swarm',
  summary: 'Authors that act as one, and accounts that programs run.',
  main: stream,
  verbs: { accounts },
})

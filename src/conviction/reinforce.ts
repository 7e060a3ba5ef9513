import { action, Failure } from '#tool'
import { columns } from '#domain/report/columns'
import { Reinforcement } from '#domain/outcome/reinforce'
import { learnedIn, memoryOf, NOTHING_LEARNED, RELIABILITY_FILE } from '#domain/outcome/trust'

export default action({
  name: 'vanta-reinforce',
  summary: 'Learn from outcomes how far each source, author and model is to be believed.',
  about: [
    'Exponential weights over specialists that sleep while they say nothing: for each voice the trust, of its log-odds, that did best comes to the',
    'fore. One who is new starts cautious. The trust learned stands in memory/reliability.json, where vanta-synthesize finds it at its next start:',
    'only outcomes known by then count. Regret against the best trust in hindsight is reported with its bound. The same outcomes again teach nothing.',
  ].join(' '),
  options: {
    table: { kind: 'flag', help: 'a table of what is believed of whom instead of the records' },
    of: { kind: 'choice', choices: ['source', 'author', 'model'], help: 'with --table: of these alone' },
    most: { kind: 'integer', default: '100000', help: 'voices remembered of one horizon' },
  },
  reads: ['outcome'],
  state: { [RELIABILITY_FILE]: [] },
  examples: ['vanta-reinforce --home /tmp/vanta-none --table < /dev/null'],
  open({ table, of, most }, { store, print, log }) {
    const before = store.read(RELIABILITY_FILE)
    const learned = before === undefined ? NOTHING_LEARNED : orData(() => learnedIn(before.memory))
    const reinforcement = orData(() => Reinforcement.from(learned.voices, most))
    let knownAt = learned.knownAt, ids = new Set(learned.ids), count = 0
    return {
      each(outcome, emit) {
        if (!table) emit(outcome)
        if (outcome.known_at < knownAt || ids.has(outcome.id)) return
        if (outcome.known_at > knownAt) {
          knownAt = outcome.known_at
          ids = new Set()
        }
        ids.add(outcome.id)
        reinforcement.learn(outcome)
        count++
      },
      end() {
        if (count > 0) store.write(RELIABILITY_FILE, memoryOf({ knownAt, ids: [...ids], voices: reinforcement.kept() }), before?.version ?? 0)
        log.info(`learned from ${count} outcomes`, { outcomes: count })
        if (!table) return
        const shown = reinforcement.all().filter(({ who }) => of === undefined || who.startsWith(`${of}:`))
        const rows = shown.map(({ who, horizon, n, reliability, regret, bound }) =>
          [who, horizon, String(n), reliability.toFixed(3), regret.toFixed(3), bound.toFixed(3)])
        for (const line of columns([['VOICE', 'HORIZON', 'N', 'TRUST', 'REGRET', 'BOUND'], ...rows], new Set([2, 3, 4, 5]))) print(line)
      },
    }
  },
})

function orData<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('data', `memory/${RELIABILITY_FILE}: ${error.message}`)
    throw error
  }
}

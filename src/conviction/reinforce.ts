import { action, Failure } from '#tool'
import { columns } from '#domain/report/columns'
import { CALIBRATION_FILE, CalibrationCounts, calibrationIn, LEAST_OUTCOMES, METHODS } from '#domain/outcome/calibration'
import { Reinforcement } from '#domain/outcome/reinforce'
import { learnedIn, memoryOf, nothingLearned, RELIABILITY_FILE } from '#domain/outcome/trust'

export default action({
  name: 'vanta-reinforce',
  summary: 'Learn from outcomes how far each source, author and model is to be believed.',
  about: [
    'Exponential weights over specialists that sleep while they say nothing: for each voice the trust, of its log-odds, that did best comes to the',
    'fore. One who is new starts cautious. The trust learned stands in memory/reliability.json, where vanta-synthesize finds it at its next start:',
    'only outcomes known by then count. Regret against the best trust in hindsight is reported with its bound. The same outcomes again teach nothing.',
    'What convictions said and how often that came true is counted beside it, by horizon (memory/calibration.json). With --calibrate, a map is fitted',
    'to the counts, which vanta-synthesize applies at moments after the last of these outcomes, as a reason of its own: `platt`, a line drawn towards',
    'the identity, or `isotonic`, steps that each draw on what was said. It stays chosen until another is; at first it is `identity`. A horizon with',
    `fewer than ${LEAST_OUTCOMES} outcomes that do not overlap is left as it is.`,
  ].join(' '),
  options: {
    calibrate: { kind: 'choice', choices: METHODS, help: 'how convictions are calibrated from now on (default: as before)' },
    table: { kind: 'flag', help: 'a table of what is believed of whom, and of what is made of convictions, instead of the records' },
    of: { kind: 'choice', choices: ['source', 'author', 'model'], help: 'with --table: of these alone' },
    most: { kind: 'integer', default: '100000', help: 'voices remembered of one horizon' },
  },
  reads: ['outcome'],
  state: { [RELIABILITY_FILE]: [], [CALIBRATION_FILE]: [] },
  examples: ['vanta-reinforce --home /tmp/vanta-none --table < /dev/null'],
  open({ calibrate, table, of, most }, { store, print, log }) {
    const before = store.read(RELIABILITY_FILE), calibrated = store.read(CALIBRATION_FILE)
    const { heard, voices } = before === undefined ? nothingLearned() : orData(RELIABILITY_FILE, () => learnedIn(before.memory))
    const reinforcement = orData(RELIABILITY_FILE, () => Reinforcement.from(voices, most))
    const calibration = calibrated === undefined ? undefined : orData(CALIBRATION_FILE, () => calibrationIn(calibrated.memory))
    const counts = calibration?.counts ?? new CalibrationCounts()
    const method = calibrate ?? calibration?.method ?? 'identity'
    let count = 0, counted = 0, kept = { count, counted, method: calibration?.method ?? 'identity' }
    let trusted = before?.version ?? 0, mapped = calibrated?.version ?? 0
    return {
      each(outcome, emit) {
        if (!table) emit(outcome)
        if (counts.learn(outcome)) counted++
        if (!heard.isNew(outcome)) return
        reinforcement.learn(outcome)
        count++
      },
      landed() {
        if (count > kept.count) trusted = store.write(RELIABILITY_FILE, memoryOf({ heard, voices: reinforcement.kept() }), trusted)
        if (counted > kept.counted || method !== kept.method) mapped = store.write(CALIBRATION_FILE, counts.memory(method), mapped)
        kept = { count, counted, method }
      },
      end() {
        log.info(`learned from ${count} outcomes`, { outcomes: count })
        if (!table) return
        const shown = reinforcement.all().filter(({ who }) => of === undefined || who.startsWith(`${of}:`))
        const rows = shown.map(({ who, horizon, n, reliability, regret, bound }) =>
          [who, horizon, String(n), reliability.toFixed(3), regret.toFixed(3), bound.toFixed(3)])
        for (const line of columns([['VOICE', 'HORIZON', 'N', 'TRUST', 'REGRET', 'BOUND'], ...rows], new Set([2, 3, 4, 5]))) print(line)
        if (of !== undefined || counts.horizons.length === 0) return
        print('')
        const maps = counts.horizons.map((horizon) => {
          const map = counts.fitted(horizon, method)
          const words = map === undefined ? 'as said' : 'at' in map ? `${map.at.length} steps` : `${map.slope.toFixed(3)} x ${signed(map.intercept)}`
          return [horizon, counts.count(horizon).toFixed(1), method, words]
        })
        for (const line of columns([['HORIZON', 'N', 'CALIBRATION', 'LOG-ODDS'], ...maps], new Set([1]))) print(line)
      },
    }
  },
})

const signed = (value: number): string => `${value < 0 ? '-' : '+'} ${Math.abs(value).toFixed(3)}`

function orData<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('data', `memory/${file}: ${error.message}`)
    throw error
  }
}

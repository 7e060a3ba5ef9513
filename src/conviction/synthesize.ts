import { formatInstant, make, millisOf, type Millis } from '#record'
import { Failure, fold, type Emit, type FilterWorld } from '#tool'
import { readingOf, state, weigh, type Decision } from '#domain/conviction/conviction'
import { evidenceOf, type TrustOf } from '#domain/conviction/evidence'
import { heldBack, RiskGate } from '#domain/conviction/gate'
import { LiveEvidence } from '#domain/conviction/live_evidence'
import { Moments } from '#domain/conviction/moments'
import { Statements } from '#domain/conviction/standing'
import { calibrationAt, calibrationIn, CALIBRATION_FILE } from '#domain/outcome/calibration'
import { OVERLAP_FILE, overlapIn } from '#domain/outcome/overlap'
import { learnedIn, nothingLearned, RELIABILITY_FILE, Trust } from '#domain/outcome/trust'
import { SYSTEM_RISK_FILE } from '#domain/risk/memory'

export default fold({
  name: 'vanta-synthesize',
  summary: 'Stack the evidence on each subject into beliefs, one a maker, and a conviction that says why.',
  about: [
    'Decides at the end of input, at the present moment. With --every it keeps the time of the stream instead: once a record is',
    'read that was known after a full period in which anything was heard, it decides for the end of that period, and at the',
    'end of input for what was heard since. A tick from upstream is a moment to decide too. Each moment ends with a tick.',
    'A conviction stands for its ttl: it is said again when its log-odds moved by --restate, before it expires, and a last',
    'time when it fell below --min-log-odds. No decision uses a record that was not known at its moment. A belief made',
    'elsewhere stands for the evidence of its maker. What vanta-reinforce has learned (memory/reliability.json) takes sources, authors and',
    'makers up or down; what vanta-overlap has found (memory/overlap.json) discounts sources that repeat others, whatever maker reads them.',
    'A text counts once, for whoever said it first. What vanta-reinforce --calibrate has fitted (memory/calibration.json) to outcomes known by the',
    'moment is the reason `calibration`; without it the sum stands as it is.',
    'The risk state that vanta-risk tells, in the stream or by memory/system_risk.json, holds convictions back by a term of its own: elevated takes a',
    'quarter of the log-odds, stressed half; halted says nothing new, and takes back what its evidence no longer carries. A file that cannot be read',
    'halts, and so does a state that stood and has expired since. Without the file, or outside the span that it tells of, nothing is held back,',
    'unless --require-risk is given: then silence halts too. The routing tags of a conviction say asset, direction, the domains of the evidence for',
    'it (social, filings, model), horizon, and urgency by its half-life: high up to 6 hours and for what is taken back, low beyond 3 days.',
  ].join(' '),
  options: {
    every: { kind: 'duration', help: 'decide at each multiple of this duration, by the time of the stream' },
    minLogOdds: { kind: 'number', default: '0.02', help: 'weakest conviction worth stating; 0.02 is half a per cent' },
    restate: { kind: 'number', default: '0.02', help: 'change in log-odds that is worth saying again' },
    baseRate: { kind: 'number', default: '0.5', help: 'probability of a rise before any evidence' },
    slope: { kind: 'number', help: 'slope of the calibration, in log-odds, instead of what was learned' },
    intercept: { kind: 'number', help: 'intercept of the calibration, in log-odds, instead of what was learned' },
    floor: { kind: 'number', default: '0.01', help: 'forget evidence lighter than this' },
    requireRisk: { kind: 'flag', help: 'halt where nobody says what the risk state is' },
    limit: { kind: 'integer', default: '500', help: 'readings held of one subject and maker, the heaviest' },
  },
  reads: ['signal', 'belief', 'bar', 'price', 'risk', 'control'],
  examples: [
    'vanta-sec --from samples/season/insider/openinsider_ceo_buys_2020-11_2021-01.csv.gz | vanta-normalize | ' +
      'vanta-synthesize --now 2021-01-15T00:00:00Z | tail -1',
  ],
  open({ every, minLogOdds, restate, baseRate, slope, intercept, floor, limit, requireRisk }, { clock, log, by, store }) {
    const source = 'vanta-synthesize'
    const given = slope === undefined && intercept === undefined ? undefined : { map: { slope: slope ?? 1, intercept: intercept ?? 0 }, fitted: 'as given' }
    const decidingNow = () => {
      const trust = new Trust(learned(store, RELIABILITY_FILE, learnedIn) ?? nothingLearned()), overlapOf = learned(store, OVERLAP_FILE, overlapIn)
      const trustOf: TrustOf = (who, horizon) => trust.of(who, horizon), fitted = learned(store, CALIBRATION_FILE, calibrationIn)
      return {
        by, source, baseRate, trustOf, overlapOf,
        ...(given !== undefined ? { calibrationAt: () => given }
          : fitted !== undefined && { calibrationAt: (horizon: string, momentMs: Millis) => calibrationAt(fitted, horizon, momentMs) }),
      }
    }
    const versionsNow = (): string => [RELIABILITY_FILE, OVERLAP_FILE, CALIBRATION_FILE].map((file) => store.read(file)?.version).join()
    let deciding = decidingNow(), versions = versionsNow(), readOn = ''
    /** Others learn while it goes on: what they have learned counts from the first moment of a day. */
    function renew(momentMs: Millis): void {
      const day = formatInstant(momentMs).slice(0, 10)
      if (day <= readOn) return
      readOn = day
      const now = versionsNow()
      if (now === versions) return
      versions = now
      deciding = decidingNow()
      held.overlap(deciding.overlapOf)
    }
    const said = new Statements(restate, minLogOdds)
    const held = new LiveEvidence(limit, floor, deciding.overlapOf)
    const moments = new Moments(every)
    const risk = new RiskGate(() => riskIn(store), requireRisk)
    let term: string | undefined

    function decideAt(momentMs: Millis, emit: Emit): void {
      renew(momentMs)
      const gate = risk.at(momentMs)
      if (gate?.term !== term) said.wakeAll()
      term = gate?.term
      for (const subject of held.subjects) {
        if (said.isQuiet(subject, momentMs)) continue
        const weighed = weigh(subject, held.at(subject, momentMs), momentMs, deciding)
        if (weighed === undefined) continue
        if (gate?.state === 'halted') {
          if (said.isContradicted(subject, readingOf(weighed), momentMs)) say(state(heldBack(weighed, gate), deciding, false), emit)
          continue
        }
        const decided = gate === undefined ? weighed : heldBack(weighed, gate), reading = readingOf(decided)
        if (said.isNews(subject, reading, momentMs, every ?? 0)) say(state(decided, deciding, said.stands(reading)), emit)
        said.rest(subject, reading, momentMs, every ?? 0)
      }
      moments.decided(momentMs)
    }
    function say({ beliefs, conviction }: Decision, emit: Emit): void {
      said.note(conviction)
      for (const belief of beliefs) emit(belief)
      emit(conviction)
    }
    function tick(momentMs: Millis, emit: Emit): void {
      decideAt(momentMs, emit)
      const moment = formatInstant(momentMs)
      emit(make('control', { at: moment, known_at: moment, source, by, type: 'tick' }))
    }
    return {
      each(record, emit) {
        const knownAtMs = millisOf(record.known_at)
        const dueMs = moments.due(knownAtMs)
        if (dueMs !== undefined) tick(dueMs, emit)
        if (record.kind === 'control' && record.type === 'tick') decideAt(knownAtMs, emit)
        const usable = every !== undefined || knownAtMs <= clock.now()
        if (usable && (record.kind === 'signal' || record.kind === 'belief')) {
          moments.feed()
          if (record.subject !== undefined) said.wake(record.subject)
          if (record.kind === 'belief') held.holdBelief(record)
          else {
            const evidence = evidenceOf(record, deciding.trustOf)
            if (evidence !== undefined) held.hold(evidence)
          }
        } else if (usable && record.kind === 'risk') risk.hear(record)
        emit(record)
      },
      end(emit) {
        const lastMs = moments.last(clock.now())
        if (lastMs !== undefined) tick(lastMs, emit)
        if (held.evicted > 0) log.info(`let go of ${held.evicted} readings lighter than the ${limit} heaviest of their subject`)
      },
    }
  },
})

/** What other tools have learned by now, as `read` takes it; undefined where they have learned nothing. */
function learned<T>(store: FilterWorld['store'], file: string, read: (memory: { readonly [field: string]: unknown }) => T): T | undefined {
  const stored = store.read(file)
  try {
    return stored === undefined ? undefined : read(stored.memory)
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('data', `memory/${file}: ${error.message}`)
    throw error
  }
}

/** The risk state as it was kept; a text where that cannot be read. */
function riskIn(store: FilterWorld['store']): { readonly [field: string]: unknown } | string | undefined {
  try {
    return store.read(SYSTEM_RISK_FILE)?.memory
  } catch (error) {
    if (error instanceof Failure) return error.message
    throw error
  }
}

import { check, type Outcome } from '#record'
import { command, type ActionWorld } from '#tool'
import { fitting } from '#domain/report/columns'
import { GROUPS, standingsOf, type Standing } from '#domain/outcome/scores'
import { WholeLog } from '#domain/audit/whole'
import { LineCursor } from '#domain/audit/lines'

const LEADERBOARD = 'leaderboard.json'

export default command({
  name: 'vanta-leaderboard',
  summary: 'Who has been right: hit rate, precision of the first five, calibration, each with its interval and what always saying up would have had.',
  about: [
    'Reads the outcomes in the audit log of the home. Statements on one subject within one horizon overlap and are one experience: the interval (Wilson,',
    '95 %) rests on as many as do not. Best first by its lower end. BRIER of saying one half each time is 0.25, SKILL the share of it saved.',
    'Written to memory/leaderboard.json too. A table leaves out what a narrow terminal has no room for.',
  ].join(' '),
  options: {
    by: { kind: 'choice', choices: GROUPS, default: 'source', help: 'whose standings' },
    horizon: { kind: 'text', help: 'of this horizon alone, such as 5d' },
    mode: { kind: 'choice', choices: ['live', 'shadow'], help: 'of these alone' },
    least: { kind: 'integer', default: '1', help: 'fewest statements of a row' },
    most: { kind: 'integer', default: '50', help: 'rows at most' },
    table: { kind: 'flag', help: 'a table for people' },
  },
  examples: ['vanta-leaderboard --by source --horizon 5d --table --home /tmp/vanta-none'],
  act({ by, horizon, mode, least, most, table }, _, world) {
    const outcomes = outcomesOf(world).filter((outcome) => mode === undefined || outcome.mode === mode)
    const standings = standingsOf(outcomes, by, { horizon, least })
    const shown = standings.slice(0, most)
    if (table) {
      for (const line of fitting([HEAD(by), ...shown.map(cells)], NUMBERS, world.columns, horizon === undefined ? SPARE : [1, ...SPARE])) world.print(line)
    } else for (const standing of shown) world.print(JSON.stringify(rowOf(standing)))
    const before = world.store.read(LEADERBOARD)
    if (outcomes.length > 0) {
      const board = { by, horizon: horizon ?? null, outcomes: outcomes.length, rows: standings.slice(0, 1000).map(rowOf) }
      world.store.write(LEADERBOARD, board, before?.version ?? 0)
    }
    if (standings.length > most) world.log.info(`${standings.length - most} more: --most`)
  },
})

function outcomesOf({ logs }: Pick<ActionWorld, 'logs'>): Outcome[] {
  const lines = new WholeLog(logs)
  const outcomes: Outcome[] = []
  try {
    const cursor = new LineCursor(lines)
    while (cursor.next()) {
      // Most lines are of other kinds, and need not be parsed to see that.
      if (!cursor.buffer.subarray(cursor.start, cursor.start + HEAD_OF_OUTCOME.length).equals(HEAD_OF_OUTCOME)) continue
      const checked = check(JSON.parse(cursor.text()))
      if ('record' in checked && checked.record.kind === 'outcome') outcomes.push(checked.record)
    }
  } finally {
    lines.close()
  }
  return outcomes
}
const HEAD_OF_OUTCOME = Buffer.from('{"kind":"outcome"')

const HEAD = (by: string): string[] => [by.toUpperCase(), 'HORIZON', 'N', 'APART', 'HIT', '95 %', '', 'ALWAYS UP', 'BRIER', 'SKILL', 'ECE', 'P@5 (N)']

const NUMBERS = new Set([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
/** Left out on narrow terminals, the first first: BRIER says what SKILL says. */
const SPARE = [8, 10, 11, 3]

const share = (value: number): string => value.toFixed(3)

const cells = (standing: Standing): string[] => {
  const { who, horizon, n, independent, hitRate, low, high, alwaysUp, brier, skill, calibrationError, precisionAt5, precisionAt5N } = standing
  return [
    who, horizon, String(n), String(independent), share(hitRate), share(low), share(high), share(alwaysUp), brier.toFixed(4), share(skill),
    share(calibrationError), precisionAt5 === undefined ? '-' : `${share(precisionAt5)} (${precisionAt5N})`,
  ]
}

const six = (value: number): number => Math.round(value * 1e6) / 1e6

const rowOf = (standing: Standing) => ({
  who: standing.who, horizon: standing.horizon, n: standing.n, independent: standing.independent, hit_rate: six(standing.hitRate),
  low: six(standing.low), high: six(standing.high), always_up: six(standing.alwaysUp), brier: six(standing.brier), skill: six(standing.skill),
  calibration_error: six(standing.calibrationError), precision_at_5: standing.precisionAt5 === undefined ? null : six(standing.precisionAt5),
  precision_at_5_n: standing.precisionAt5N, mean_move: six(standing.meanMove),
})

import { formatInstant, millisOf } from '#record'
import { sha256Of } from '#record/sha256'
import { command, Failure } from '#tool'
import { PRICE_FEATURES, PRICES_VERSION } from '#domain/features/prices'
import { casesOf, learnDirection } from '#domain/forecast/direction'
import { LEARNING } from '#domain/learn/classifier'
import { readNamed } from '#port/folder'
import { dailyBars } from '#wire/bars/history'
import { judgedOf, shown } from './learning.ts'
import { madeBy } from './made_by.ts'
import { writeClassifier } from './write.ts'

export default command({
  name: 'vanta-train direction',
  summary: 'Learn from daily bars which shares rise over the next sessions: boosted trees that say beliefs as far as they have shown themselves.',
  about: [
    'Reads what vanta-bars reads as daily bars. A row is a share at the close of a session, by what its prices and volumes have done in a year, the same as',
    '`vanta-classify --beliefs` works out of a stream; it rose if the close of the horizon was above the next open. Dates are one horizon apart, so that no',
    'two rows are about the same days, and a date is never parted: the last tenth of the rows judges and calibrates, the tenth before it says when to stop.',
    'What calls of a kind came to there, less a standard error, is what they are believed later on: mostly nothing. Trees are grown anew in seconds.',
  ].join(' '),
  options: {
    in: { kind: 'path', required: true, help: 'daily bars to learn from, as vanta-bars reads them; .gz is unpacked, - is stdin' },
    output: { kind: 'path', required: true, help: 'where to write, such as models/prices_direction' },
    horizon: { kind: 'integer', default: '5', help: 'sessions ahead' },
    since: { kind: 'moment', help: 'bars before this moment are left out' },
    until: { kind: 'moment', help: 'bars of this moment and later are left out' },
    only: { kind: 'list', help: 'tickers that are learned from (default: all)' },
    trees: { kind: 'integer', default: String(LEARNING.trees), help: 'most rounds' },
    onnx: { kind: 'flag', help: 'write OUTPUT.onnx too' },
  },
  examples: [{
    run: 'vanta-train direction --in samples/season/bars/etf_daily_2020-09_2021-02.csv.gz -o $(mktemp -d)/direction',
    status: 65, note: 'half a year has no row: features look back a year',
  }],
  async act({ in: file, output, horizon, since, until, only, trees, onnx }, _, world) {
    if (output === '-') throw new Failure('usage', '-o: a model is two files, no stream')
    for (const [name, value] of Object.entries({ horizon, trees })) if (value < 1) throw new Failure('usage', `--${name}: expected 1 or more, got ${value}`)
    const bytes = readNamed(world.folder, file)
    const bars = await dailyBars(
      { name: file, bytes, heardMs: world.clock.now() }, { tickers: only === undefined ? undefined : new Set(only), sinceMs: since, untilMs: until },
      { by: world.by, log: world.log, reject: (place, why) => world.log.warn(`${file}: ${place}: ${why}`) },
    )
    const cases = casesOf(bars, horizon), last = bars[bars.length - 1]
    if (last === undefined || cases.length === 0) {
      throw new Failure('data', `${file}: no row to learn from in ${bars.length} daily bars: a share needs a year of them, and ${horizon} more`)
    }
    const learned = await shown(world, (told) => learnDirection(cases, horizon, millisOf(last.known_at), { ...LEARNING, trees }, told))
    const { beliefs } = learned.model, judged = { ...judgedOf(learned, false), shown: beliefs.shown }
    const card = writeClassifier(world.folder, output, learned.model, onnx, {
      what: `whether a share rises over ${horizon} sessions`,
      made_by: madeBy('direction', {
        in: file, horizon: horizon === 5 ? undefined : horizon, since: since === undefined ? undefined : formatInstant(since),
        until: until === undefined ? undefined : formatInstant(until), only, trees: trees === LEARNING.trees ? undefined : trees, onnx, o: output,
      }, world),
      learned_from: {
        file, sha256: sha256Of(bytes), rows: cases.length, series: new Set(cases.map(({ subject }) => subject)).size,
        since: bars[0]?.at ?? '', until: last.known_at,
      },
      features: PRICE_FEATURES.map((name) => `${name}, ${PRICES_VERSION}`),
      judged, seed: 'none: no chance is involved',
    })
    world.print(JSON.stringify({ model: output, sha256: card.sha256, rows: cases.length, ...judged }))
  },
})

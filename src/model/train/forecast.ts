import { sha256Of } from '#record/sha256'
import { command, Failure, type ActionWorld } from '#tool'
import { featuresOf, learnForecast } from '#domain/forecast/neural/learn'
import { NEURAL_METHODS, specOf } from '#domain/forecast/neural/together'
import { FIT } from '#domain/forecast/neural/fit'
import { encodeModel } from '#domain/onnx/encode'
import { readNamed } from '#port/folder'
import { readForecasting, writeForecasting } from '#wire/neural_model'
import { seriesIn } from '#wire/series'
import { madeBy } from './made_by.ts'

export default command({
  name: 'vanta-train forecast',
  summary: 'Learn one forecaster from many series: a Temporal Fusion Transformer or DeepAR, served as ONNX to series it has never met.',
  about: [
    'Reads CSV with a header, or a JSON object a line, oldest first: one value a row, and the series it belongs to. Every series is told in units of its own',
    'last seasons, so that one model serves all. The last tenth of each series is not learned from: it judges, and the parameters that did best there',
    'are kept. Writes OUTPUT.onnx (what is served), OUTPUT.json (settings and parameters) and OUTPUT.card.json. The same seed gives the same bytes on one',
    'kind of processor. --warm goes on from the parameters of a model of the same shape, which takes a fraction of the steps.',
  ].join(' '),
  options: {
    in: { kind: 'path', required: true, help: 'series to learn from; .gz is unpacked, - is stdin' },
    output: { kind: 'path', required: true, help: 'where to write, such as models/hours' },
    method: { kind: 'choice', choices: NEURAL_METHODS, default: 'tft', help: 'what is learned' },
    horizon: { kind: 'integer', required: true, help: 'steps ahead' },
    season: { kind: 'integer', default: '1', help: 'steps in a season; 1 for none' },
    key: { kind: 'text', help: 'the field that names the series (default: all rows are one)' },
    value: { kind: 'text', default: 'value', help: 'the field that holds the value' },
    time: { kind: 'text', help: 'the field that holds the time, ISO' },
    since: { kind: 'text', help: 'rows before this time are left out' },
    until: { kind: 'text', help: 'rows of this time and later are left out' },
    only: { kind: 'list', help: 'series that are learned from (default: all)' },
    steps: { kind: 'integer', default: String(FIT.steps), help: 'steps of learning' },
    batch: { kind: 'integer', default: String(FIT.batch), help: 'windows a step' },
    warm: { kind: 'path', help: 'a model to go on from' },
  },
  examples: [
    'seq 60 | sed "s/.*/{\\"value\\":&}/" | vanta-train forecast --in - --horizon 3 --steps 5 --batch 4 -o $(mktemp -d)/line',
  ],
  async act(options, _, world) {
    const { horizon, season, method, key, value, time, since, until, only, steps, batch, output } = options
    if (output === '-') throw new Failure('usage', '-o: a model is three files, no stream')
    for (const [name, count] of Object.entries({ horizon, season, steps, batch })) {
      if (count < 1) throw new Failure('usage', `--${name}: expected 1 or more, got ${count}`)
    }
    const bytes = readNamed(world.folder, options.in)
    const series = seriesIn(bytes, options.in, options)
    const parent = options.warm === undefined ? undefined : readForecasting(world.folder, options.warm)
    const spec = specOf(method, { horizon, season }), chance = world.random(`train ${method}`)
    if (parent !== undefined && JSON.stringify(parent.spec) !== JSON.stringify(spec)) throw new Failure('usage', `--warm: ${options.warm} is of another shape`)
    const learned = await told(world, method, () => learnForecast([...series.values()], spec, {
      open: (model) => world.inference.open({ name: model.name, bytes: encodeModel(model), sha256: 'own' }),
      draw: () => chance.next(), warm: parent?.theta,
      progress: (step, all, loss) => world.progress(`${method}: step ${step} of ${all}, loss ${loss.toFixed(4)}`),
    }, { steps, batch }))
    const rows = [...series.values()].reduce((sum, { length }) => sum + length, 0)
    const card = writeForecasting(world.folder, output, learned.trained, {
      what: `the next ${horizon} values of a series, of seasons of ${season}`,
      made_by: madeBy('forecast', {
        in: options.in, method, horizon, season: season === 1 ? undefined : season, key, value: value === 'value' ? undefined : value, time, since, until, only,
        steps: steps === FIT.steps ? undefined : steps, batch: batch === FIT.batch ? undefined : batch, warm: options.warm, o: output,
      }, world),
      learned_from: { file: options.in, sha256: sha256Of(bytes), series: series.size, rows, ...spanOf(options) },
      seed: 'of where parameters begin and which windows are drawn, see made_by (1 where it says none)',
      features: featuresOf(spec), judged: learned.judged, ...(parent === undefined ? {} : { parents: [parent.card.sha256] }),
    })
    world.print(JSON.stringify({ model: output, sha256: card.sha256, ...learned.judged }))
  },
})

const spanOf = ({ since, until }: { readonly since: string | undefined; readonly until: string | undefined }): { readonly [name: string]: string } =>
  ({ ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) })

async function told<T>(world: ActionWorld, method: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('data', `${method}: ${error.message}`, error)
    throw error
  } finally {
    world.progress('')
  }
}

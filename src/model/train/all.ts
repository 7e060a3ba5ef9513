import { command, Failure, type ActionWorld } from '#tool'
import { cores, runCrew } from '#tool/crew'
import { NEURAL_METHODS } from '#domain/forecast/neural/together'
import { readNamed } from '#port/folder'
import { DAILY_BARS } from '#wire/data_folder'
import { liquidIn } from '#wire/liquid'
import { readCard } from '#wire/models'

/** Sessions of a week: how far ahead prices are told. They have no seasons, so that the path to beat is the last price again. */
const WEEK = 5
const STEPS = 1500, WARM_STEPS = 300
const LONGEST_FIRST = NEURAL_METHODS.toSorted((a, b) => Number(b === 'tft') - Number(a === 'tft'))

export default command({
  name: 'vanta-train all',
  summary: 'Learn all models of daily prices again, a process each, from the tickers most traded before a day.',
  about: [
    'Reads the daily bars of a folder of recorded history. The tickers that turned over most money in the last year before --to are learned from, over',
    'so many years, and nothing of --to or later. Writes prices_tft and prices_deepar (forecasts), and prices_direction (beliefs of `vanta-classify`), with',
    'their cards; with --warm the forecasters go on from what stands there already, which takes a fifth of the steps (trees are grown anew in seconds).',
    'What they are worth is said in the cards: hardly more than the last price again. Scores of vanta-anomaly are calibrated by each series as it',
    'goes, so that nothing of them is learned before.',
  ].join(' '),
  options: {
    data: { kind: 'path', required: true, help: 'a folder of recorded history, with bars/ in it' },
    to: { kind: 'text', required: true, help: 'the day before which all is learned, such as 2020-06-30' },
    years: { kind: 'integer', default: '5', help: 'years before that day' },
    tickers: { kind: 'integer', default: '100', help: 'most tickers' },
    output: { kind: 'path', help: 'the folder to write to (default: models in the home)' },
    warm: { kind: 'flag', help: 'go on from the models that stand there' },
    steps: { kind: 'integer', help: `steps of learning (default: ${STEPS}, or ${WARM_STEPS} with --warm)` },
  },
  examples: [{ run: 'vanta-train all --data nowhere --to 2020-06-30', status: 2, note: 'a folder without daily bars is refused' }],
  async act({ data, to, years, tickers, output, warm, steps }, _, world) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(to)) throw new Failure('usage', `--to: expected a day such as 2020-06-30, got "${to}"`)
    if (years < 1 || tickers < 1) throw new Failure('usage', '--years and --tickers: expected 1 or more')
    const file = barsIn(data, world), before = (count: number): string => `${String(Number(to.slice(0, 4)) - count).padStart(4, '0')}${to.slice(4)}`
    const chosen = liquidIn(readNamed(world.folder, file), file, { since: before(1), until: to, most: tickers })
    if (chosen.length === 0) throw new Failure('data', `${file}: no bars in the year before ${to}`)
    const folder = output ?? `${world.home}/models`, watch = world.stopwatch()
    const span = ['--since', before(years), '--until', to, '--only', chosen.join(',')]
    const forecasts = LONGEST_FIRST.map((method) => {
      const model = `${folder}/prices_${method}`, goesOn = warm && world.folder.read(`${model}.json`) !== undefined
      return { model, words: [
        'forecast', '--in', file, '--method', method, '--horizon', String(WEEK), '--key', 'ticker', '--value', 'adj_close', '--time', 'date', ...span,
        '--steps', String(steps ?? (goesOn ? WARM_STEPS : STEPS)), ...(goesOn ? ['--warm', model] : []), '-o', model,
      ] }
    })
    const direction = `${folder}/prices_direction`
    const jobs = [...forecasts, { model: direction, words: ['direction', '--in', file, '--horizon', String(WEEK), ...span, '-o', direction] }]
    let done = 0
    const told = (): void => world.progress(`${done} of ${jobs.length} models from ${chosen.length} tickers`)
    told()
    await runCrew('vanta-train', jobs, { root: world.root, below: `${world.home}/crew`, atOnce: Math.min(2, cores()) }, ({ model }, { status, said }) => {
      if (status !== 0) throw new Failure(status === 65 ? 'data' : 'bug', `${model}: ended with ${status}: ${said.trim()}`)
      const { sha256, judged } = readCard(world.folder, model)
      world.print(JSON.stringify({ model, sha256, judged, after_s: Math.round(watch.elapsedMs() / 1000) }))
      done++
      told()
    })
    world.progress('')
  },
})

function barsIn(data: string, world: ActionWorld): string {
  const names = world.folder.list(`${data}/bars`)
  const name = DAILY_BARS.flatMap((pattern) => names.filter((one) => pattern.test(one)))[0]
  if (name === undefined) throw new Failure('usage', `--data: no daily bars in ${data}/bars`)
  return `${data}/bars/${name}`
}

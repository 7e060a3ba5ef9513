/**
 * Learn models/swarm.json from swarms planted into recorded forum submissions of 2018 and comments up to 2020-12-25: `node --import tsx
 * scripts/train/swarm.ts`. What came later is left for judging.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DAY_MS } from '#record'
import { sha256Of } from '#record/sha256'
import { fitLinear } from '#domain/learn/linear'
import { Swarms } from '#domain/swarm/detector'
import { SIGHT_FEATURES, sightRow } from '#domain/swarm/verdict'
import { seededRandom } from '#tool/random'
import { plant } from '../swarm/plants.ts'
import { COMMENTS, postsOf, SPLIT_AT } from '../swarm/posts.ts'

const here = dirname(fileURLToPath(import.meta.url))
const data = join(process.env['VANTA_SHARED'] ?? join(here, '../../../shared'), 'data')
const streams = [
  await postsOf(join(data, 'reddit/stock_subs_submissions_2018h1.ndjson.gz')),
  (await postsOf(join(data, COMMENTS))).filter(({ known_at }) => known_at < SPLIT_AT),
]
const rows: (readonly number[])[] = [], labels: number[] = []
for (const [s, stream] of streams.entries()) for (let seed = 0; seed < 2; seed++) {
  const swarms = new Swarms(DAY_MS)
  for (const { signal, size } of plant(stream, streams[1 - s] ?? [], { sizes: [1, 3, 5, 10, 20, 40, 80], swarms: 6 }, seededRandom(`train ${s} ${seed}`, 'plants'))) {
    const sight = swarms.see(signal)
    if (sight === undefined) continue
    rows.push(sightRow(sight))
    labels.push(size > 0 ? 1 : 0)
  }
}
const places = SIGHT_FEATURES.map((_, i) => i)
const { weights, intercepts } = fitLinear(rows.map((values) => ({ places, values })), labels, { classes: 2, features: places.length }, { ridge: 1e-4 })
const six = (value: number): number => Number(value.toPrecision(6))
const difference = places.map((i) => six((weights[places.length + i] ?? 0) - (weights[i] ?? 0)))
const text = `${JSON.stringify({ model: { weights: difference, intercept: six((intercepts[1] ?? 0) - (intercepts[0] ?? 0)) } })}\n`
writeFileSync(join(here, '../../models/swarm.json'), text)
writeFileSync(join(here, '../../models/swarm.card.json'), `${JSON.stringify({
  what: 'from what is seen of a text to the probability that it is part of a swarm; read by lib/domain/swarm/verdict.ts',
  made_by: 'node --import tsx scripts/train/swarm.ts',
  learned_from: { source: 'swarms planted (scripts/swarm/plants.ts) into forum submissions of 2018-01 to 2018-05 and comments of 2020-11-25 to 2020-12-25', texts: rows.length, planted: labels.filter((label) => label === 1).length },
  features: Object.fromEntries(SIGHT_FEATURES.map((feature, i) => [feature, difference[i]])),
  judged: 'on comments after 2020-12-25 by `npm run report:reason -- swarm`',
  seed: 'train 0 0 .. train 1 1',
  sha256: sha256Of(text),
  caveat: 'Planted swarms copy or reword; those that share nothing but a subject are not seen.',
}, undefined, 2)}\n`)
process.stdout.write(text)

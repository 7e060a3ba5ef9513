/**
 * Learn models/half_lives.json from what prices did after readings: `node --import tsx scripts/train/half_lives.ts`. Insiders' purchases up to the end of
 * 2018, subreddits up to March of 2018; what came later is left for judging (`npm run report:reason -- outcomes`).
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HOUR_MS } from '#record'
import { sha256Of } from '#record/sha256'
import { PRIORS } from '#domain/conviction/priors'
import { learnHalfLife } from '#domain/outcome/half_life'
import { bySource, heardIn, learnedUntil, responsesOf, years } from './responses.ts'

/** Fewer readings of a source are no source to learn from. */
const LEAST = 100

const here = dirname(fileURLToPath(import.meta.url))
const data = join(process.env['VANTA_SHARED'] ?? join(here, '../../../shared'), 'data')
const heard = await heardIn(years(data, ['vanta-normalize', 'vanta-dedup', 'vanta-insiders']))
const spans = [...new Set(heard.readings.map(({ source }) => learnedUntil(source)))].sort()
const hours = (ms: number): number => Math.max(1, Math.round(ms / HOUR_MS))

const learned = spans.flatMap((until) => bySource(responsesOf(heard, '2014-01-01', until), LEAST)
  .filter(([, source]) => learnedUntil(source) === until)
  .map(([maker, source, answers]) => {
    const prior = PRIORS.find((one) => one.maker === maker)
    if (prior === undefined) throw new Error(`no prior for ${maker}`)
    const found = learnHalfLife(answers, prior.halfLifeMs)
    return { maker, source, hours: hours(found.halfLifeMs), low: hours(found.lowMs), high: hours(found.highMs), prior: hours(prior.halfLifeMs), known_at: until,
      readings: found.readings, weeks: found.clusters }
  }))
const text = `${JSON.stringify({ model: learned.map(({ maker, source, hours: mean, low, high, known_at }) => ({ maker, source, hours: mean, low, high, known_at })) })}\n`
writeFileSync(join(here, '../../models/half_lives.json'), text)
writeFileSync(join(here, '../../models/half_lives.card.json'), `${JSON.stringify({
  what: 'half-lives by maker and source, hours, with 95 % intervals; read by lib/domain/conviction/half_lives.ts for what is known from `known_at` on',
  made_by: 'node --import tsx scripts/train/half_lives.ts',
  learned_from: { source: 'moves of prices in the sessions after each reading, less the mean of all tickers of that session, at most 15 % either way' },
  learned,
  how: 'posterior mean on a grid of half-lives from a log-normal prior about the stated one (a factor of two), lib/domain/outcome/half_life.ts',
  features: 'strength of the reading, its age at each session',
  judged: 'on later readings of the same sources by `npm run report:reason -- outcomes`',
  seed: 'none: nothing is drawn',
  sha256: sha256Of(text),
  caveat: 'Daily bars tell little of half-lives below a day; where the interval spans the prior, nothing is known that was not believed before.',
}, undefined, 2)}\n`)
process.stdout.write(text)

/**
 * Learn models/sentiment.json from labelled texts: `node --import tsx scripts/train/sentiment.ts`. Deterministic: the same texts give the same bytes.
 * What ships is learned from all of them; how well that works is judged by `npm run report:reason -- sentiment`, on texts kept out.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256Of } from '#record/sha256'
import { isJudged, learnSentiment, readLabelled, SETS, SOURCES, splitOf, TERMS } from './sentiment_model.ts'
import { judge } from './sentiment_judge.ts'

const here = dirname(fileURLToPath(import.meta.url))
const texts = readLabelled(join(process.env['VANTA_SHARED'] ?? join(here, '../../../shared'), 'data'))
const text = `${JSON.stringify(learnSentiment(texts))}\n`
const judged = texts.filter(isJudged)
const model = learnSentiment(texts.filter((each) => !isJudged(each)), judged)
const count = (of: (each: (typeof texts)[number]) => boolean): number => texts.filter(of).length
writeFileSync(join(here, '../../models/sentiment.json'), text)
writeFileSync(join(here, '../../models/sentiment.card.json'), `${JSON.stringify({
  what: 'how bullish or bearish a text is: P(positive) and P(negative); read by lib/domain/reading/sentiment/scorer.ts',
  made_by: 'node --import tsx scripts/train/sentiment.ts',
  learned_from: Object.fromEntries(SOURCES.map((source) => {
    const days = texts.filter((each) => each.source === source && each.day !== '').map(({ day }) => day).sort()
    return [source, {
      source: SETS[source].from, rows: count((each) => each.source === source), weight: SETS[source].weight,
      ...(days.length > 0 && { span: `${days[0]} to ${days.at(-1)}` }),
    }]
  })),
  features: 'hashed words, pairs, parts of words of 3 to 5 characters, shared by all registers and by register; the lexicon; what figures say; the register',
  terms: TERMS,
  judged: {
    split: 'a model of the rest, on texts kept out', by: Object.fromEntries(SOURCES.map((source) => [source, splitOf(source)])),
    ...Object.fromEntries(SOURCES.map((source) => [source, judge(model, judged.filter((each) => each.source === source))])),
  },
  seed: 'none: no chance is involved',
  sha256: sha256Of(text),
  caveat: 'English only. Learned from texts of up to 2020-09: a back-test of texts before that knows words from later. The classes of the sets were made even by half, so that a mood is not the mood of its forum. Learned weights only: no text is in it. ' +
    'PhraseBank is CC BY-NC-SA, FiQA and SemEval are for research; of the rest no licence is stated: weights learned without them come from the same script.',
}, undefined, 2)}\n`)
process.stdout.write(`${text.length} bytes\n`)

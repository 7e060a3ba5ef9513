/** How well scorers of moods agree with people. */
import { accuracyOf, macroF1 } from '#domain/learn/scores'
import { hear } from '#domain/reading/polarity'
import { NEGATIVE, NEUTRAL, POSITIVE, scorerOf, type SentimentModel } from '#domain/reading/sentiment/scorer'
import { wordsOf } from '#domain/reading/words'
import type { Labelled } from './sentiment_model.ts'

/** What a scorer says of a text: a polarity from -1 to 1, and one of three classes. */
export interface Said {
  readonly polarity: number
  readonly label: number
}

export function saidBy(model: SentimentModel): (text: Labelled) => Said {
  const score = scorerOf(model)
  return ({ text, register }) => {
    const { negative, positive } = score(hear(wordsOf(text)), register)
    const label = Math.max(negative, positive) < 1 - negative - positive ? NEUTRAL : positive >= negative ? POSITIVE : NEGATIVE
    return { polarity: positive - negative, label }
  }
}

export const METRICS = ['accuracy', 'macro-F1', 'sign', 'cosine', 'MSE'] as const
export type Metric = (typeof METRICS)[number]

/** Sets whose people had to choose between two, or gave figures: what is judged of them is the sign. */
const isOfTwo = ({ source }: Labelled): boolean => source === 'stocktwits' || source === 'fiqa' || source === 'semeval'

/** `sign`: of texts with an opinion, how often it is the right one; a polarity of 0 is half right. */
export function scoreOf(metric: Metric, texts: readonly Labelled[], said: readonly Said[]): number {
  switch (metric) {
    case 'accuracy': return accuracyOf(said.map(({ label }) => label), texts.map(({ label }) => label))
    case 'macro-F1': return macroF1(said.map(({ label }) => label), texts.map(({ label }) => label), 3)
    case 'sign': {
      let right = 0, all = 0
      for (const [i, { score }] of texts.entries()) {
        if (score === 0) continue
        all++
        right += (1 + Math.sign(score) * Math.sign(said[i]?.polarity ?? 0)) / 2
      }
      return right / all
    }
    case 'cosine': {
      let product = 0, ours = 0, theirs = 0
      for (const [i, { score }] of texts.entries()) {
        const polarity = said[i]?.polarity ?? 0
        product += score * polarity
        ours += polarity * polarity
        theirs += score * score
      }
      return ours === 0 ? 0 : product / Math.sqrt(ours * theirs)
    }
    case 'MSE': return texts.reduce((sum, { score }, i) => sum + (score - (said[i]?.polarity ?? 0)) * (score - (said[i]?.polarity ?? 0)), 0) / texts.length
  }
}

export function metricsOf(texts: readonly Labelled[]): readonly Metric[] {
  const first = texts[0]
  if (first === undefined) return []
  return first.source === 'stocktwits' ? ['sign'] : isOfTwo(first) ? ['sign', 'cosine', 'MSE'] : ['accuracy', 'macro-F1', 'sign']
}

export function judge(model: SentimentModel, texts: readonly Labelled[]): { readonly [name: string]: number } {
  const said = texts.map(saidBy(model))
  return { rows: texts.length, ...Object.fromEntries(metricsOf(texts).map((metric) => [metric, Number(scoreOf(metric, texts, said).toFixed(4))])) }
}

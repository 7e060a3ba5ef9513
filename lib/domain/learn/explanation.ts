/** What a model says of one row, as what each field adds to what it says in general. Every explanation is checked: its terms add up to the score. */
import { forestScores } from './boosted.ts'
import type { Classifier } from './classifier.ts'
import { kernelCoalitions, meansOf, mixtures } from './coalition.ts'
import { fieldOfFeatures } from './coding.ts'
import { kernelShap } from './kernel_shap.ts'
import { lime, limeMasks } from './lime.ts'
import { Scorer } from './scorer.ts'
import type { Table } from './table.ts'
import { TreeShap } from './tree_shap.ts'

/** A model as it is asked: rows of features in, a score for each of its answers out. `fieldOf[f]` is the place of the field that feature f is of. */
export interface Asked {
  readonly fields: readonly string[]
  readonly features: readonly string[]
  readonly fieldOf: readonly number[]
  /** What each score is of. */
  readonly answers: readonly string[]
  /** `[answer][row]`. */
  say(table: Table): readonly ArrayLike<number>[] | Promise<readonly ArrayLike<number>[]>
}

export interface Explanation {
  readonly answer: string
  readonly base: number
  readonly adds: ArrayLike<number>
  /** What the model says of the row. */
  readonly score: number
  /** Where a straight line stands in for the model: what it says of the row, and the share of the variance near it that it explains. */
  readonly line?: { readonly score: number; readonly fit: number }
}

/** A classifier by its calibrated scores: the log-odds of the second of two classes, or what softmax makes shares of. */
export function askedOf(model: Classifier): Asked {
  const scorer = new Scorer(model.forest), { slope, intercept } = model.calibration
  return {
    fields: model.codes.map(({ name }) => name),
    features: model.forest.features,
    fieldOf: fieldOfFeatures(model.codes),
    answers: model.classes.length === 2 ? model.classes.slice(1) : model.classes,
    say: (table) => scorer.scores(table).map((one) => one.map((score) => slope * score + intercept)),
  }
}

/** Exact, by the trees themselves. */
export class TreeExplaining {
  readonly #model: Classifier
  readonly #shap: readonly TreeShap[]
  readonly #asked: Asked

  /** Throws RangeError where the trees do not say what came by their nodes. */
  constructor(model: Classifier) {
    this.#model = model
    this.#asked = askedOf(model)
    this.#shap = model.forest.trees.map((trees) => new TreeShap(trees))
  }

  explain(row: ArrayLike<number>): Explanation[] {
    const { forest, calibration: { slope, intercept } } = this.#model, scores = forestScores(forest, row)
    return this.#shap.map((shap, k) => {
      const phi = new Float64Array(forest.features.length), adds = new Float64Array(this.#asked.fields.length)
      shap.add(row, phi)
      phi.forEach((value, f) => {
        const field = this.#asked.fieldOf[f] ?? 0
        adds[field] = (adds[field] ?? 0) + slope * value
      })
      return sound({
        answer: this.#asked.answers[k] ?? '', base: slope * ((forest.bases[k] ?? 0) + shap.expected) + intercept, adds,
        score: slope * (scores[k] ?? 0) + intercept,
      })
    })
  }
}

export interface Sampling {
  /** Rows of features that stand for what is usual. */
  readonly background: readonly ArrayLike<number>[]
  /** Coalitions that are asked about, at most. */
  readonly samples: number
  readonly next: () => number
}

/** Shapley values against a background, of any model; exact where all coalitions of its fields are no more than the samples. */
export async function kernelExplained(asked: Asked, row: ArrayLike<number>, { background, samples, next }: Sampling): Promise<Explanation[]> {
  const players = asked.fields.length, coalitions = kernelCoalitions(players, samples, next)
  const masks = [new Uint8Array(players), new Uint8Array(players).fill(1), ...coalitions.masks]
  const said = await asked.say(mixtures(row, background, masks, asked.features, asked.fieldOf))
  return said.map((answers, k) => {
    const [none = 0, all = 0, ...worth] = meansOf(answers, masks.length, background.length)
    return sound({ answer: asked.answers[k] ?? '', base: none, adds: kernelShap(players, coalitions, worth, none, all), score: all })
  })
}

/** A straight line near the row, of any model: each sample takes what is not its own from one row of the background. */
export async function limeExplained(asked: Asked, row: ArrayLike<number>, { background, samples, next }: Sampling): Promise<Explanation[]> {
  const players = asked.fields.length, masks = limeMasks(players, samples, next)
  const others = masks.map(() => background[Math.floor(next() * background.length)] ?? row)
  const columns = asked.features.map((_, f) => Float64Array.from(masks, (mask, i) => (mask[asked.fieldOf[f] ?? 0] === 1 ? row[f] : others[i]?.[f]) ?? NaN))
  const said = await asked.say({ rows: masks.length, features: asked.features, columns })
  return said.map((answers, k) => {
    const { base, effects, fit } = lime(players, masks, answers)
    const score = effects.reduce((sum, effect) => sum + effect, base)
    return { answer: asked.answers[k] ?? '', base, adds: effects, score: answers[0] ?? NaN, line: { score, fit } }
  })
}

/** Throws where the terms do not add up: such an explanation must reach nobody. */
function sound(explanation: Explanation): Explanation {
  const { base, adds, score } = explanation
  let sum = base
  for (let i = 0; i < adds.length; i++) sum += adds[i] ?? 0
  if (!(Math.abs(sum - score) <= 1e-9 * (1 + Math.abs(score)))) throw new Error(`the terms of an explanation add up to ${sum}, the score is ${score}`)
  return explanation
}

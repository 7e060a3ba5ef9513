/** Methods by name, and what stands in where one cannot be fitted. */
import { auto } from './auto.ts'
import { calibrated, originsOf, trialOf, type Trial } from './conformal.ts'
import { seasonRegression, stepRegression } from './autoregression.ts'
import { damped, ets } from './ets.ts'
import type { Forecaster, PointMethod } from './forecaster.ts'
import { naive, seasonalNaive } from './naive.ts'
import { prophetMethod, type Prophet } from './prophet.ts'
import { theta } from './theta.ts'

const METHODS: { readonly [name: string]: PointMethod } = { naive, snaive: seasonalNaive, theta, ets, damped, ar: stepRegression, sar: seasonRegression }

export const methodNames = [...Object.keys(METHODS), 'prophet', auto.name]

/** A method that says one path, with the spread that its own past gives it. Where it cannot be fitted, the seasonal naive stands in, or the naive. */
export const forecasterOf = (method: PointMethod): Forecaster => ({
  name: method.name,
  async forecast(history, question) {
    const origins = originsOf(history.values.length, question)
    let trial: Trial | undefined
    for (const one of question.season > 1 ? [method, seasonalNaive, naive] : [method, naive]) trial ??= await trialOf(one, history, question, origins)
    if (trial === undefined) throw new RangeError('a naive path always stands')
    return calibrated(trial, history, origins)
  },
})

/** What methods need that this room does not have. */
export interface Makers {
  readonly prophet?: Prophet
}

/** Undefined where there is no such method, or what it needs is not given. */
export function forecasterNamed(name: string, { prophet }: Makers = {}): Forecaster | undefined {
  if (name === auto.name) return auto
  const method = name === 'prophet' && prophet !== undefined ? prophetMethod(prophet) : METHODS[name]
  return method === undefined ? undefined : forecasterOf(method)
}

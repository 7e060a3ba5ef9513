/** Methods that look at all series of the input together. */
import { Failure, type RowWorld } from '#tool'
import type { Forecast, History, Question } from '#domain/forecast/forecaster'
import type { OpenModel } from '#domain/forecast/neural/fit'
import { fitAndForecast, forecastWith, NEURAL_METHODS } from '#domain/forecast/neural/together'
import { encodeModel } from '#domain/onnx/encode'
import type { Inference } from '#port/inference'
import { readForecasting } from '#wire/neural_model'

export type Crowd = (histories: readonly History[]) => Promise<readonly Forecast[]>

const NO_WHY = 'only the Temporal Fusion Transformer says what it rests on'

/** Models that this process has just built. */
export const opening = (inference: Inference): OpenModel => (model) => inference.open({ name: model.name, bytes: encodeModel(model), sha256: 'own' })

/** Undefined where the method looks at each series alone, and no trained model is named. */
export function crowdOf(
  { method, model: file, why }: { readonly method: string; readonly model: string | undefined; readonly why: boolean }, question: Question,
  { folder, inference, random, progress }: RowWorld,
): Crowd | undefined {
  if (file !== undefined) {
    const { spec, places, served } = readForecasting(folder, file)
    if (question.season !== spec.season) throw new Failure('usage', `--season: ${file} knows seasons of ${spec.season}, not ${question.season}`)
    if (question.horizon > spec.horizon) throw new Failure('usage', `--horizon: ${file} knows ${spec.horizon} steps, not ${question.horizon}`)
    if (why && spec.method !== 'tft') throw new Failure('usage', `--why: ${NO_WHY}`)
    const chance = random(spec.method)
    return async (histories) => forecastWith(await inference.open(served), { spec, places }, histories, question, () => chance.next(), why)
  }
  if (why && method !== 'tft') throw new Failure('usage', `--why: ${NO_WHY}`)
  const neural = NEURAL_METHODS.find((one) => one === method)
  if (neural === undefined) return undefined
  const chance = random(neural)
  return async (histories) => {
    try {
      return await fitAndForecast(histories, neural, question, {
        open: opening(inference), draw: () => chance.next(),
        progress: (step, steps, loss) => progress(`${neural}: step ${step} of ${steps}, loss ${loss.toFixed(4)}`),
      }, why)
    } finally {
      progress('')
    }
  }
}

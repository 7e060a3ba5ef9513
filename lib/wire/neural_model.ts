/**
 * A trained forecaster as files: NAME.onnx is what is served, NAME.json its settings, its parameters (to go on learning from) and the hash of the
 * former, and the card has the hash of that. A model of anyone's that has the inputs and outputs of `servingModel` may stand in NAME.onnx.
 */
import { encodeModel } from '#domain/onnx/encode'
import { AS_TOLD, type Places } from '#domain/forecast/neural/calibrate'
import { LEVELS } from '#domain/forecast/forecaster'
import type { Trained } from '#domain/forecast/neural/together'
import { servingModel, type Spec } from '#domain/forecast/neural/model'
import { Failure } from '#port/failure'
import { readNamed, type Folder } from '#port/folder'
import type { ModelBytes } from '#port/inference'
import { integer, list, number, object, oneOf, optional, text, type Typed } from '#record/shape'
import { sha256Of } from '#record/sha256'
import { readModel, stemOf, writeModel, type Card } from './models.ts'

const shape = object({
  spec: object({
    method: oneOf('deepar', 'tft'), context: integer(1), horizon: integer(1), season: integer(1), hidden: integer(1), heads: integer(1),
  }),
  /** Of NAME.onnx. */
  onnx_sha256: text,
  /** Single-precision numbers, the lowest byte first, in base64; absent where only the served model is known. */
  theta: optional(text),
  /** Normal deviates, one a level, never falling: which place of what the model says is told as it; absent where it is told as it is said. */
  places: optional(list(number())),
})
/** Whether that is meant to be one, sound or not. */
export const isForecaster = (model: unknown): boolean => typeof model === 'object' && model !== null && 'spec' in model
const isStored = (value: unknown): value is Typed<typeof shape> => shape.holds(value)

export interface Forecasting {
  readonly spec: Spec
  readonly theta: Float32Array | undefined
  readonly places: Places
  readonly served: ModelBytes
  readonly card: Card
}

export function writeForecasting(folder: Pick<Folder, 'write'>, name: string, { spec, theta, places }: Trained, card: Omit<Card, 'sha256' | 'bytes'>): Card {
  const bytes = Buffer.from(encodeModel(servingModel(spec, theta, { learned_from: String(card.learned_from?.['sha256'] ?? '') })))
  const little = Buffer.alloc(4 * theta.length)
  theta.forEach((value, i) => little.writeFloatLE(value, 4 * i))
  folder.write(`${stemOf(name)}.onnx`, bytes)
  return writeModel(folder, stemOf(name), `${JSON.stringify({ spec, onnx_sha256: sha256Of(bytes), theta: little.toString('base64'), places })}\n`, card)
}

/** Throws Failure `usage` where there is none, `config` where it is no forecaster or its bytes are not those of the card. */
export function readForecasting(folder: Pick<Folder, 'read'>, name: string): Forecasting {
  const path = `${stemOf(name)}.json`, { model, card } = readModel(folder, stemOf(name))
  if (!isStored(model)) {
    const { path: field, message } = shape.fault(model) ?? { path: '', message: 'no forecaster' }
    throw new Failure('config', `${path}: ${field === '' ? message : `field "${field}": ${message}`}`)
  }
  const { spec, onnx_sha256: sha256, theta, places = AS_TOLD } = model
  if (places.length !== LEVELS.length || places.some((place, i) => place < (places[i - 1] ?? -Infinity))) {
    throw new Failure('config', `${path}: field "places": expected ${LEVELS.length} numbers that never fall`)
  }
  const served = { name: `${stemOf(name)}.onnx`, bytes: readNamed(folder, `${stemOf(name)}.onnx`), sha256 }
  return { spec, theta: theta === undefined ? undefined : numbersIn(theta, path), places, served, card }
}

function numbersIn(base64: string, path: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64 || bytes.length % 4 !== 0) throw new Failure('config', `${path}: field "theta": expected base64 of numbers`)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
}

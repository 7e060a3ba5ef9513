/** A forecaster that is an ONNX file of anyone's, taken in by `vanta-train import --forecast`. */
import { Failure, type RowWorld } from '#tool'
import type { Forecaster, Question } from '#domain/forecast/forecaster'
import { forecasterOf } from '#domain/forecast/methods'
import { isServedForecaster, servedMethod } from '#domain/forecast/served'
import { readNamed } from '#port/folder'
import { readModel, stemOf } from '#wire/models'

/** Undefined where the model is none of these. */
export async function foreignOf(name: string, question: Question, why: boolean, { folder, inference }: RowWorld): Promise<Forecaster | undefined> {
  const { model } = readModel(folder, name)
  if (!isServedForecaster(model)) return undefined
  if (why) throw new Failure('usage', `--why: ${name} is an ONNX file that says paths, and not what they rest on`)
  if (question.horizon > model.horizon) throw new Failure('usage', `--horizon: ${name} knows ${model.horizon} steps, not ${question.horizon}`)
  const file = `${stemOf(name)}.onnx`
  const session = await inference.open({ name: file, bytes: readNamed(folder, file), sha256: model.onnx_sha256 })
  return forecasterOf(servedMethod((inputs, outputs) => session.run(inputs, outputs), model))
}

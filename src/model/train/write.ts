/** A classifier as its files: JSON with its card, and ONNX where that is asked for. */
import { sha256Of } from '#record/sha256'
import type { Folder } from '#port/folder'
import type { Classifier } from '#domain/learn/classifier'
import { classifierOnnx } from '#domain/learn/forest_onnx'
import { encodeModel } from '#domain/onnx/encode'
import { writeModel, type Card } from '#wire/models'

export function writeClassifier(
  folder: Pick<Folder, 'write'>, output: string, model: Classifier, onnx: boolean, card: Omit<Card, 'sha256' | 'bytes' | 'onnx_sha256'>,
): Card {
  const bytes = onnx ? Buffer.from(encodeModel(classifierOnnx(model))) : undefined
  if (bytes !== undefined) folder.write(`${output}.onnx`, bytes)
  return writeModel(folder, output, `${JSON.stringify(model)}\n`, { ...card, ...(bytes !== undefined && { onnx_sha256: sha256Of(bytes) }) })
}

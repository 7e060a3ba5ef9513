/** ONNX models of any kind as models that can be asked: one input of rows by features in 32 bits, and an output of rows by answers. */
import type { Asked } from '#domain/learn/explanation'
import { float32 } from '#domain/onnx/model'
import { Failure } from '#port/failure'
import type { Session } from '#port/inference'

/** Throws Failure `data` where the model has other inputs than one, or puts out nothing by rows. */
export async function onnxAsked(session: Session, features: readonly string[], name: string): Promise<Asked> {
  const [input, ...others] = session.inputs
  if (input === undefined || others.length > 0) throw new Failure('data', `${name}: expected one input, it has ${session.inputs.length}`)
  // Classifiers put out a label, then the shares: the last output that has a number for each row.
  const ask = async (rows: number, data: Float32Array): Promise<{ readonly width: number; readonly data: ArrayLike<number> }> => {
    const said = await session.run({ [input]: float32([rows, features.length], data) }, session.outputs.slice(-1))
    const [answer] = Object.values(said)
    const width = answer === undefined ? 0 : answer.data.length / rows
    if (answer === undefined || !(width >= 1) || !Number.isInteger(width) || answer.data instanceof BigInt64Array) {
      throw new Failure('data', `${name}: its last output is no number or more for each row`)
    }
    return { width, data: answer.data }
  }
  const { width } = await ask(1, new Float32Array(features.length))
  return {
    fields: features, features, fieldOf: features.map((_, f) => f), answers: Array.from({ length: width }, (_, k) => String(k)),
    async say({ rows, columns }) {
      const data = new Float32Array(rows * features.length)
      columns.forEach((column, f) => column.forEach((value, row) => (data[row * features.length + f] = value)))
      const { data: said } = await ask(rows, data)
      return Array.from({ length: width }, (_, k) => Float64Array.from({ length: rows }, (__, row) => said[row * width + k] ?? NaN))
    },
  }
}

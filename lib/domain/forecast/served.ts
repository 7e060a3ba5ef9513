/**
 * Forecasters that are ONNX files of anyone's. What such a file must take and put out, its signature: one input of numbers, series by the last values of each,
 * oldest first, in units of the series; and one output of numbers, series by the steps ahead. It says a path; its spread is what it was off by on the
 * series' own past, as with every method that says one path.
 */
import { literal, object, oneOf, integer, text, type Typed } from '#record/shape'
import { float32, float64, type Tensor } from '../onnx/model.ts'
import { numbersOf, slotsSaid, type Signature } from '../learn/served.ts'
import type { PointMethod } from './forecaster.ts'

const shape = object({
  kind: literal('forecast_onnx'),
  /** Values that it looks back over, and steps that it says. */
  context: integer(1),
  horizon: integer(1),
  input: text,
  numbers: oneOf('float32', 'float64'),
  output: text,
  /** Of the file itself, in hex. */
  onnx_sha256: text,
})
/** Plain JSON: what is to be known of such a file to ask it. */
export type ServedForecaster = Typed<typeof shape>

export const isServedForecaster = (value: unknown): value is ServedForecaster => shape.holds(value)

type Asked = Omit<ServedForecaster, 'kind' | 'onnx_sha256'>
export type Run = (inputs: { readonly [name: string]: Tensor }, outputs: readonly string[]) => Promise<{ readonly [name: string]: Tensor }>

/** How a file of this signature is asked, or why it cannot be. The horizon is left out where only an answer tells it. */
export function askingOf({ inputs, outputs }: Signature): (Omit<Asked, 'horizon'> & { readonly horizon: number | undefined }) | { readonly fault: string } {
  const [input] = inputs, numbers = numbersOf(input), [rows, context] = input?.shape ?? []
  if (input === undefined || inputs.length > 1 || numbers === undefined || input.shape.length !== 2 || context === undefined) {
    return { fault: `expected one input of numbers, series by so many values of each; it takes ${slotsSaid(inputs)}` }
  }
  if (rows !== undefined) return { fault: `its input "${input.name}" has ${rows} series at a time: expected any` }
  const [output] = outputs
  if (output === undefined || outputs.length > 1 || numbersOf(output) === undefined || output.shape.length !== 2) {
    return { fault: `expected one output of numbers, series by steps; it puts out ${slotsSaid(outputs)}` }
  }
  return { context, horizon: output.shape[1], input: input.name, numbers, output: output.name }
}

/** Paths after the first `origin` values each, of so many steps as the file says. Throws RangeError where it answers in another shape. */
export async function pathsOf(run: Run, asked: Omit<Asked, 'horizon'>, values: Float64Array, origins: readonly number[]): Promise<Float64Array[]> {
  const { context, input, numbers, output } = asked, given = new Float64Array(origins.length * context)
  origins.forEach((origin, row) => given.set(values.subarray(origin - context, origin), row * context))
  const { [output]: said } = await run({ [input]: (numbers === 'float32' ? float32 : float64)([origins.length, context], given) }, [output])
  const steps = (said?.data.length ?? 0) / origins.length
  if (said === undefined || !Number.isInteger(steps) || said.shape[0] !== origins.length) {
    throw new RangeError(`of ${origins.length} series it says an output of [${said?.shape.join(', ') ?? ''}]`)
  }
  return origins.map((_, row) => Float64Array.from(said.data.slice(row * steps, (row + 1) * steps), Number))
}

/** A series shorter than what the file looks back over, at the first moment that it is judged from, has no path of it. */
export function servedMethod(run: Run, asked: Asked): PointMethod {
  return {
    name: 'onnx',
    fit: ({ values: known }) => (known.length < asked.context ? undefined : {
      paths: async ({ values }, origins, horizon) =>
        (origins.length === 0 ? [] : (await pathsOf(run, asked, values, origins)).map((path) => path.subarray(0, horizon))),
    }),
  }
}

/**
 * Classifiers that are ONNX files of anyone's. What such a file must take and put out, its signature: one input of numbers, rows by fields in their
 * order, in which a missing value is NaN; and one output of numbers, rows by classes in their order, that are probabilities. Outputs of other kinds
 * (a label) are not looked at.
 */
import { literal, list, object, oneOf, text, type Typed } from '#record/shape'
import { float32, float64, type Tensor } from '../onnx/model.ts'

const shape = object({
  kind: literal('classify_onnx'),
  target: text,
  classes: list(text),
  /** Of numbers, in the order of the input. */
  fields: list(text),
  input: text,
  numbers: oneOf('float32', 'float64'),
  output: text,
  /** Of the file itself, in hex. */
  onnx_sha256: text,
})
/** Plain JSON: what is to be known of such a file to ask it. */
export type ServedClassifier = Typed<typeof shape>

export const isServedClassifier = (value: unknown): value is ServedClassifier => shape.holds(value)

/** An input or an output, as the file states it. */
export interface Slot {
  readonly name: string
  /** Of its elements, such as `float32` or `string`; undefined where it is no tensor. */
  readonly type: string | undefined
  /** Undefined where a length is any. */
  readonly shape: readonly (number | undefined)[]
}
export interface Signature {
  readonly inputs: readonly Slot[]
  readonly outputs: readonly Slot[]
}

type Asked = Pick<ServedClassifier, 'input' | 'numbers' | 'output'>

/** Undefined where it holds none. */
export const numbersOf = (slot: Slot | undefined): 'float32' | 'float64' | undefined =>
  (slot?.type === 'float32' || slot?.type === 'float64' ? slot.type : undefined)
export const slotsSaid = (slots: readonly Slot[]): string => slots
  .map(({ name, type = 'no tensor', shape: of }) => `${name}: ${type} [${of.map((n) => n ?? 'any').join(', ')}]`).join('; ')

/** How a file of this signature is asked about so many fields and classes, or why it cannot be. */
export function askingOf({ inputs, outputs }: Signature, fields: number, classes: number): Asked | { readonly fault: string } {
  const [input] = inputs, numbers = numbersOf(input)
  if (input === undefined || inputs.length > 1 || numbers === undefined || input.shape.length !== 2) {
    return { fault: `expected one input of numbers, rows by fields; it takes ${slotsSaid(inputs)}` }
  }
  const [rows = 1, width = fields] = input.shape
  if (width !== fields) return { fault: `its input "${input.name}" has ${width} fields, not ${fields}` }
  if (rows !== 1) return { fault: `its input "${input.name}" has ${rows} rows at a time: expected any` }
  const said = outputs.filter((slot) => numbersOf(slot) !== undefined && slot.shape.length === 2), [output] = said
  if (output === undefined || said.length > 1) {
    const hint = outputs.some(({ type }) => type === undefined) ? ' (made with ZipMap? convert it with zipmap=False)' : ''
    return { fault: `expected one output of numbers, rows by classes; it puts out ${slotsSaid(outputs)}${hint}` }
  }
  const [, answers = classes] = output.shape
  if (answers !== classes) return { fault: `its output "${output.name}" has ${answers} classes, not ${classes}` }
  return { input: input.name, numbers, output: output.name }
}

/** One row as the input. */
export const givenRow = ({ numbers }: Pick<ServedClassifier, 'numbers'>, values: readonly number[]): Tensor =>
  (numbers === 'float32' ? float32 : float64)([1, values.length], values)

/** What may be lost of a sum of probabilities of 32 bits. */
const SLACK = 1e-4

/** The probabilities in the output for one row; undefined where they are none. */
export function sharesIn(tensor: Tensor | undefined, classes: number): readonly number[] | undefined {
  if (tensor === undefined || tensor.data.length !== classes) return undefined
  const shares = Array.from(tensor.data, Number)
  const sum = shares.reduce((all, share) => all + share, 0)
  return shares.every((share) => share >= 0 && share <= 1 + SLACK) && Math.abs(sum - 1) <= SLACK ? shares : undefined
}

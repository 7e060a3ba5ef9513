/**
 * Computations that are built once, differentiated symbolically and run elsewhere: what is written with a {@link Graph} becomes an ONNX model.
 * Differentiation is in reverse (Griewank and Walther, "Evaluating Derivatives", 2nd ed., chapter 3): every operation notes how a slope of the
 * result becomes slopes of what it was made from, and those notes write operations of the same graph.
 *
 * The same description serves twice. To train, parameters are slices of one vector `theta` that goes in; to serve, they are constants. So
 * the served model cannot differ from the trained one.
 */
import { float32, int64, type Attribute, type OnnxModel, type OnnxNode, type Place, type Tensor } from '../onnx/model.ts'
import { same, sizeOf, type Shape } from './shape.ts'

/** A tensor to be, in float32. */
export interface Value {
  readonly name: string
  readonly shape: Shape
}
/** Slopes of the loss by the results, undefined where it does not depend on one; returned are those by what they were made from. */
export type Backward = (slopes: readonly (Value | undefined)[]) => readonly (Value | undefined)[]

/** How a parameter starts: all at a value, or uniform in ± bound. */
export type Start = { readonly at: number } | { readonly within: number }

export interface Parameter {
  readonly name: string
  readonly shape: Shape
  readonly start: Start
  /** Where in theta it begins. */
  readonly offset: number
}

export class Graph {
  readonly #nodes: OnnxNode[] = []
  readonly #inputs: Place[] = []
  readonly #constants: { [name: string]: Tensor } = {}
  readonly #tape: { readonly made: readonly Value[]; readonly from: readonly Value[]; readonly backward: Backward }[] = []
  readonly #parameters: { readonly parameter: Parameter; readonly value: Value }[] = []
  /** What was asked for before is not computed twice. */
  readonly #known = new Map<string, readonly Value[]>()
  readonly #noted = new Set<string>()
  readonly #theta: Float32Array | undefined
  #size = 0
  #count = 0

  /** To serve with these parameters; without any, to train. */
  constructor(theta?: Float32Array) {
    this.#theta = theta
  }

  get training(): boolean {
    return this.#theta === undefined
  }

  get parameters(): readonly Parameter[] {
    return this.#parameters.map(({ parameter }) => parameter)
  }

  /** How many numbers all parameters have together. */
  get size(): number {
    return this.#size
  }

  /** `words` names the places of the shape that may be any length when it is served. */
  input(name: string, shape: Shape, words: { readonly [axis: number]: string } = {}): Value {
    this.#inputs.push({ name, type: 'float32', shape: shape.map((length, axis) => words[axis] ?? length) })
    return { name, shape }
  }

  constant(shape: Shape, values: ArrayLike<number>): Value {
    return this.#constant(float32(shape, values))
  }

  scalar(value: number): Value {
    return this.constant([], [value])
  }

  /** A list of whole numbers, such as axes. */
  whole(values: readonly number[]): Value {
    return this.#constant(int64([values.length], values))
  }

  #constant(tensor: Tensor): Value {
    const key = tensor.data.length <= 64 ? `${tensor.type} ${tensor.shape.join()}: ${tensor.data.join()}` : undefined
    const known = key === undefined ? undefined : this.#known.get(key)?.[0]
    if (known !== undefined) return known
    const value = { name: this.#name('c'), shape: tensor.shape }
    this.#constants[value.name] = tensor
    if (key !== undefined) this.#known.set(key, [value])
    return value
  }

  /** The next parameter: parameters are told apart by the order in which they are asked for. */
  parameter(name: string, shape: Shape, start: Start): Value {
    const offset = this.#size
    this.#size += sizeOf(shape)
    const value = this.#theta === undefined ? { name: `p_${name}`, shape } : this.constant(shape, this.#theta.subarray(offset, this.#size))
    this.#parameters.push({ parameter: { name, shape, start, offset }, value })
    return value
  }

  /** One operation with one result. */
  emit(op: string, inputs: readonly Value[], shape: Shape, attributes?: { readonly [name: string]: Attribute }): Value {
    const [value] = this.emitAll(op, inputs, [shape], attributes)
    if (value === undefined) throw new RangeError(`${op} gives nothing`)
    return value
  }

  emitAll(op: string, inputs: readonly (Value | undefined)[], shapes: readonly Shape[], attributes?: { readonly [name: string]: Attribute }): readonly Value[] {
    const names = inputs.map((input) => input?.name ?? '')
    const key = `${op}(${names.join()}) ${shapes.length} ${JSON.stringify(attributes ?? {})}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const made = shapes.map((shape) => ({ name: this.#name('t'), shape }))
    this.#nodes.push({ op, inputs: names, outputs: made.map(({ name }) => name), ...(attributes === undefined ? {} : { attributes }) })
    this.#known.set(key, made)
    return made
  }

  /** Note how results depend on what they were made from: once, however often they are asked for, so that the tape stays in order. */
  differentiable(made: readonly Value[], from: readonly Value[], backward: Backward): void {
    const key = made[0]?.name
    if (!this.training || key === undefined || this.#noted.has(key)) return
    this.#noted.add(key)
    this.#tape.push({ made, from, backward })
  }

  /**
   * Slopes of a single number by each value of `by`. Only what lies between is differentiated. Throws RangeError where the number does not depend
   * on one of them, which is a mistake of whoever wrote the model.
   */
  slopes(of: Value, by: readonly Value[], sum: (a: Value, b: Value) => Value): Value[] {
    if (sizeOf(of.shape) !== 1) throw new RangeError(`a loss is one number, not [${of.shape.join(', ')}]`)
    const leadsFrom = new Set(by.map(({ name }) => name))
    for (const { made, from } of this.#tape) {
      if (from.some(({ name }) => leadsFrom.has(name))) for (const { name } of made) leadsFrom.add(name)
    }
    const found = new Map<string, Value>([[of.name, this.constant(of.shape, [1])]])
    for (const { made, from, backward } of [...this.#tape].reverse()) {
      if (!made.some(({ name }) => found.has(name)) || !from.some(({ name }) => leadsFrom.has(name))) continue
      const slopes = backward(made.map(({ name }) => found.get(name)))
      from.forEach((value, i) => {
        const slope = slopes[i]
        if (slope === undefined || !leadsFrom.has(value.name)) return
        if (!same(slope.shape, value.shape)) throw new RangeError(`a slope of shape [${slope.shape.join(', ')}] for a value of [${value.shape.join(', ')}]`)
        const before = found.get(value.name)
        found.set(value.name, before === undefined ? slope : sum(before, slope))
      })
    }
    return by.map(({ name }) => {
      const slope = found.get(name)
      if (slope === undefined) throw new RangeError(`the loss does not depend on ${name}`)
      return slope
    })
  }

  /** Slopes by all parameters, as one vector in the order of theta. */
  slopeOfTheta(loss: Value, sum: (a: Value, b: Value) => Value): Value {
    const slopes = this.slopes(loss, this.#parameters.map(({ value }) => value), sum)
    const flat = slopes.map((slope) => this.emit('Reshape', [slope, this.whole([-1])], [sizeOf(slope.shape)]))
    return this.emit('Concat', flat, [this.#size], { axis: { int: 0 } })
  }

  /** Everything that was written, with these results. */
  model(name: string, outputs: { readonly [name: string]: Value }, metadata?: { readonly [key: string]: string },
    words: { readonly [output: string]: { readonly [axis: number]: string } } = {}): OnnxModel {
    const last = Object.entries(outputs).map(([output, value]): OnnxNode => ({ op: 'Identity', inputs: [value.name], outputs: [output] }))
    return {
      name,
      inputs: this.training && this.#size > 0 ? [{ name: 'theta', type: 'float32', shape: [this.#size] }, ...this.#inputs] : this.#inputs,
      outputs: Object.entries(outputs).map(([output, { shape }]) =>
        ({ name: output, type: 'float32', shape: shape.map((length, axis) => words[output]?.[axis] ?? length) })),
      constants: this.#constants,
      nodes: [...this.#unpacking(), ...this.#nodes, ...last],
      ...(metadata === undefined ? {} : { metadata }),
    }
  }

  /** Theta cut into the parameters. */
  #unpacking(): OnnxNode[] {
    if (!this.training || this.#parameters.length === 0) return []
    const sizes = this.whole(this.#parameters.map(({ parameter }) => sizeOf(parameter.shape)))
    return [
      { op: 'Split', inputs: ['theta', sizes.name], outputs: this.#parameters.map(({ value }) => `${value.name}_flat`), attributes: { axis: { int: 0 } } },
      ...this.#parameters.map(({ value }): OnnxNode =>
        ({ op: 'Reshape', inputs: [`${value.name}_flat`, this.whole(value.shape).name], outputs: [value.name] })),
    ]
  }

  #name(kind: string): string {
    return `${kind}${this.#count++}`
  }
}

/** Where theta starts, by `draw`, uniform in [0, 1). */
export function startOf(parameters: readonly Parameter[], draw: () => number): Float32Array {
  const last = parameters.at(-1)
  const theta = new Float32Array(last === undefined ? 0 : last.offset + sizeOf(last.shape))
  for (const { offset, shape, start } of parameters) {
    for (let i = offset; i < offset + sizeOf(shape); i++) theta[i] = 'at' in start ? start.at : (2 * draw() - 1) * start.within
  }
  return theta
}

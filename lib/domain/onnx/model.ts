/**
 * A computation as ONNX describes it (https://onnx.ai/onnx/repo-docs/IR.html): named tensors, and nodes that make some of them from others.
 * Plain values: what is built here is encoded (`encode.ts`), run by a runtime, or reckoned in doubles (`interpret.ts`).
 */

export type ElementType = 'float32' | 'float64' | 'int64' | 'bool'
export type Numbers = Float32Array | Float64Array | BigInt64Array | Uint8Array

/** Row by row: the last place of `shape` runs fastest. Booleans are bytes of 0 and 1. */
export interface Tensor {
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly data: Numbers
}

/** Whole numbers and broken ones are told apart by the name of the member: `{ int: 1 }`, `{ float: 1 }`. */
export type Attribute =
  | { readonly int: number } | { readonly ints: readonly number[] }
  | { readonly float: number } | { readonly floats: readonly number[] }
  | { readonly text: string } | { readonly texts: readonly string[] }
  | { readonly tensor: Tensor }

export interface OnnxNode {
  /** `MatMul`, as the operator list calls it (https://onnx.ai/onnx/operators/). */
  readonly op: string
  /** `` for the operators that need no name, `ai.onnx.ml` for trees and their like. */
  readonly domain?: '' | 'ai.onnx.ml'
  /** Names; an empty one is an optional input that is not given. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: { readonly [name: string]: Attribute }
}

/** What goes in or comes out. A place of the shape that is a word is any length, the same wherever the word stands. */
export interface Place {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly (number | string)[]
}

export interface OnnxModel {
  readonly name: string
  readonly inputs: readonly Place[]
  readonly outputs: readonly Place[]
  readonly constants: { readonly [name: string]: Tensor }
  /** Each after those that make what it takes. */
  readonly nodes: readonly OnnxNode[]
  /** What people and tools should know of it: words by name. */
  readonly metadata?: { readonly [key: string]: string }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)

export const float32 = (shape: readonly number[], values: ArrayLike<number>): Tensor => tensorOf('float32', shape, Float32Array.from(values))
export const float64 = (shape: readonly number[], values: ArrayLike<number>): Tensor => tensorOf('float64', shape, Float64Array.from(values))
export const int64 = (shape: readonly number[], values: readonly number[]): Tensor => tensorOf('int64', shape, BigInt64Array.from(values, BigInt))

function tensorOf(type: ElementType, shape: readonly number[], data: Numbers): Tensor {
  if (sizeOf(shape) !== data.length) throw new RangeError(`a tensor of shape [${shape.join(', ')}] has ${sizeOf(shape)} values, not ${data.length}`)
  return { type, shape, data }
}

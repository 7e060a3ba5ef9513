/** Shapes of tensors, as broadcasting has them (https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md). */
import { sizeOf } from '../onnx/model.ts'

export type Shape = readonly number[]

export const same = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((length, i) => length === b[i])

/** The shape of a + b. Throws RangeError where they do not go together. */
export function broadcast(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1, y = b[i - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`[${a.join(', ')}] and [${b.join(', ')}] do not go together`)
    return x === 1 ? y : x
  })
}

/** How many places of `data` one step along each axis is. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] ?? 1) * (shape[i + 1] ?? 1)
  return strides
}

/** Axes that were stretched when `from` became `to`, in places of `to`. */
export function stretched(from: Shape, to: Shape): number[] {
  const missing = to.length - from.length
  return to.flatMap((length, i) => (i < missing || (from[i - missing] === 1 && length !== 1) ? [i] : []))
}

/** With the axes as 1, or without them. */
export const reduced = (shape: Shape, axes: readonly number[], keep: boolean): number[] =>
  shape.flatMap((length, i) => (axes.includes(i) ? (keep ? [1] : []) : [length]))

export const replaced = (shape: Shape, axis: number, length: number): number[] => shape.map((old, i) => (i === axis ? length : old))

export const lastOf = (shape: Shape): number => shape.at(-1) ?? 1

export { sizeOf }

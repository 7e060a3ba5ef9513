/**
 * Solution of a symmetric positive definite system given by its lower half, by Cholesky's factors, in place; undefined where it is not definite, or what
 * a row adds to those before it is no more than `least`.
 */
export function solvePositive(squares: Float64Array, right: Float64Array, least = 0): Float64Array | undefined {
  const d = right.length
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = squares[i * d + j] ?? 0
      for (let k = 0; k < j; k++) sum -= (squares[i * d + k] ?? 0) * (squares[j * d + k] ?? 0)
      if (i === j && !(sum > least)) return undefined
      squares[i * d + j] = i === j ? Math.sqrt(sum) : sum / (squares[j * d + j] ?? 1)
    }
  }
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) right[i] = (right[i] ?? 0) - (squares[i * d + k] ?? 0) * (right[k] ?? 0)
    right[i] = (right[i] ?? 0) / (squares[i * d + i] ?? 1)
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) right[i] = (right[i] ?? 0) - (squares[k * d + i] ?? 0) * (right[k] ?? 0)
    right[i] = (right[i] ?? 0) / (squares[i * d + i] ?? 1)
  }
  return right
}

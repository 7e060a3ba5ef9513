/** The standard normal distribution, both ways. Only `exp`, `log` and `sqrt` are used, which every engine computes alike. */

/** Tails beyond this are below the smallest double. */
const FARTHEST = 37
/** Where Hart's rational function hands over to a continued fraction. */
const TAIL_FROM = 7.07106781186547
const NUMERATOR = [0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376]
const DENOMINATOR = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948,
  440.413735824752,
]
const SQRT_2PI = 2.5066282746310002

const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

/** The standard normal distribution function, to 15 digits after the point (Hart 1968, algorithm 5666, as West 2005 gives it). */
export function normalCdf(x: number): number {
  const size = Math.abs(x)
  const lower = size > FARTHEST ? 0 : size < TAIL_FROM
    ? (Math.exp(-size * size / 2) * polynomial(NUMERATOR, size)) / polynomial(DENOMINATOR, size)
    : Math.exp(-size * size / 2) / ((size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))))) * SQRT_2PI)
  return x > 0 ? 1 - lower : lower
}

/** Numerator and denominator of Wichura's three rational functions, highest power first: middle, shoulders, tails. */
const MIDDLE = [
  [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
    133.14166789178437745, 3.387132872796366608],
  [5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
    42.313330701600911252, 1],
] as const
const SHOULDER = [
  [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504,
    5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
  [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455,
    1.6763848301838038494, 2.05319162663775882187, 1],
] as const
const TAIL = [
  [2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123,
    1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772],
  [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525,
    0.13692988092273580531, 0.59983220655588793769, 1],
] as const

const ratio = ([over, under]: readonly [readonly number[], readonly number[]], x: number): number => polynomial(over, x) / polynomial(under, x)

/**
 * Its inverse, to about 1 part in 10^16 (Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37,
 * 1988, PPND16). Minus and plus infinity at 0 and 1; throws RangeError outside.
 */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) throw new RangeError(`a probability lies between 0 and 1, not at ${probability}`)
  const off = probability - 0.5
  if (Math.abs(off) <= 0.425) return off * ratio(MIDDLE, 0.180625 - off * off)
  const beyond = Math.min(probability, 1 - probability)
  if (beyond === 0) return off < 0 ? -Infinity : Infinity
  const root = Math.sqrt(-Math.log(beyond))
  const size = root <= 5 ? ratio(SHOULDER, root - 1.6) : ratio(TAIL, root - 5)
  return off < 0 ? -size : size
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber, Neural Computation 9, 1997), with the gates of ONNX: input, output, forget, candidate
 * (https://onnx.ai/onnx/operators/onnx__LSTM.html). To serve, it is that operator. To train, it is unrolled, because the operator keeps the gates to
 * itself; its derivative is written as few large operations around the shortest possible step back in time.
 */
import type { Graph, Value } from './graph.ts'
import type { Operations } from './operations.ts'
import { lastOf } from './shape.ts'

export interface Lstm {
  /** [time, batch, hidden]. */
  readonly all: Value
  /** [1, batch, hidden] each. */
  readonly hidden: Value
  readonly cell: Value
}
export interface Memory {
  readonly hidden: Value
  readonly cell: Value
}

/** `x` is [time, batch, width]. The time may be any when it is served. */
export function lstm(g: Graph, ops: Operations, name: string, x: Value, hidden: number, from: Memory): Lstm {
  const [time = 1, batch = 1] = x.shape, width = lastOf(x.shape), bound = 1 / Math.sqrt(hidden)
  const input = g.parameter(`${name}_w`, [width, 4 * hidden], { within: bound })
  const state = g.parameter(`${name}_r`, [hidden, 4 * hidden], { within: bound })
  const bias = g.parameter(`${name}_b`, [4 * hidden], { within: bound })
  if (!g.training) return served(g, ops, x, { input, state, bias }, hidden, from)

  const { plain } = ops
  const gates = plain.split(plain.add(plain.matmul(x, input), bias), 0, new Array<number>(time).fill(1))
  const sigmoids: Value[] = [], candidates: Value[] = [], cells: Value[] = [], squashed: Value[] = [], states: Value[] = []
  let h = from.hidden, c = from.cell
  for (const gate of gates) {
    const [open, free] = plain.split(plain.add(gate, plain.matmul(h, state)), 2, [3 * hidden, hidden])
    if (open === undefined || free === undefined) throw new RangeError('four gates')
    const sigmoid = plain.of('Sigmoid', open), candidate = plain.of('Tanh', free)
    const [i, o, f] = plain.split(sigmoid, 2, [hidden, hidden, hidden])
    if (i === undefined || o === undefined || f === undefined) throw new RangeError('three sigmoids')
    c = plain.add(plain.mul(f, c), plain.mul(i, candidate))
    const squash = plain.of('Tanh', c)
    h = plain.mul(o, squash)
    for (const [list, value] of [[sigmoids, sigmoid], [candidates, candidate], [cells, c], [squashed, squash], [states, h]] as const) list.push(value)
  }
  const all = plain.concat(states, 0)
  const before = (list: readonly Value[], first: Value): Value => plain.concat([first, ...list.slice(0, -1)], 0)

  g.differentiable([all, h, c], [x, input, state, bias, from.hidden, from.cell], ([byAll, byHidden, byCell]) => {
    const one = g.scalar(1), each = new Array<number>(time).fill(1)
    const sigmoid = plain.concat(sigmoids, 0), candidate = plain.concat(candidates, 0), squash = plain.concat(squashed, 0)
    const [i, o, f] = plain.split(sigmoid, 2, [hidden, hidden, hidden])
    const [di, dO, df] = plain.split(plain.mul(sigmoid, plain.sub(one, sigmoid)), 2, [hidden, hidden, hidden])
    if (i === undefined || o === undefined || f === undefined) throw new RangeError('three sigmoids')
    if (di === undefined || dO === undefined || df === undefined) throw new RangeError('three slopes')
    // By the cell: through input, forget and candidate; by the state: through output.
    const through = plain.split(plain.concat([
      plain.mul(candidate, di), plain.mul(squash, dO), plain.mul(before(cells, from.cell), df),
      plain.mul(i, plain.sub(one, plain.mul(candidate, candidate))),
    ], 2), 0, each)
    const into = plain.split(plain.mul(o, plain.sub(one, plain.mul(squash, squash))), 0, each)
    const kept = plain.split(f, 0, each), turned = ops.swapped(state)
    const given = byAll === undefined ? undefined : plain.split(byAll, 0, each)
    const slopes: Value[] = []
    // Of a single step they are one and the same, and so is their slope.
    let dh = h === all ? undefined : byHidden, dc = byCell
    for (let t = time - 1; t >= 0; t--) {
      const [here, gate, flow, keep] = [given?.[t], through[t], into[t], kept[t]]
      if (gate === undefined || flow === undefined || keep === undefined) throw new RangeError('one of each a step')
      dh = here === undefined ? dh : dh === undefined ? here : plain.add(dh, here)
      if (dh !== undefined) dc = dc === undefined ? plain.mul(dh, flow) : plain.add(dc, plain.mul(dh, flow))
      if (dc === undefined) {
        slopes.unshift(ops.zerosLike([1, batch, 4 * hidden]))
        continue
      }
      const slope = plain.mul(plain.concat([dc, dh ?? ops.zerosLike(dc.shape), dc, dc], 2), gate)
      slopes.unshift(slope)
      dh = plain.matmul(slope, turned)
      dc = plain.mul(dc, keep)
    }
    const slope = plain.concat(slopes, 0), flat = plain.reshape(slope, [time * batch, 4 * hidden])
    const product = (a: Value, length: number): Value => plain.matmul(ops.swapped(plain.reshape(a, [time * batch, length])), flat)
    return [
      plain.matmul(slope, ops.swapped(input)), product(x, width), product(before(states, from.hidden), hidden),
      plain.sum(flat, [0], false), dh, dc,
    ]
  })
  return { all, hidden: h, cell: c }
}

interface Weights {
  readonly input: Value
  readonly state: Value
  readonly bias: Value
}

function served(g: Graph, ops: Operations, x: Value, { input, state, bias }: Weights, hidden: number, from: Memory): Lstm {
  const [time = 1, batch = 1] = x.shape, { plain } = ops
  const weight = (value: Value): Value => {
    const turned = ops.swapped(value)
    return plain.reshape(turned, [1, ...turned.shape])
  }
  const biases = plain.reshape(plain.concat([bias, ops.zerosLike(bias.shape)], 0), [1, 8 * hidden])
  const last = [1, batch, hidden]
  const [y, h, c] = g.emitAll('LSTM', [x, weight(input), weight(state), biases, undefined, from.hidden, from.cell], [[time, 1, batch, hidden], last, last],
    { hidden_size: { int: hidden } })
  if (y === undefined || h === undefined || c === undefined) throw new RangeError('an LSTM gives three')
  return { all: g.emit('Squeeze', [y, g.whole([1])], [time, batch, hidden]), hidden: h, cell: c }
}

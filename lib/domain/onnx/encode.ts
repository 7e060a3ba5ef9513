/**
 * ONNX models as the bytes that every runtime reads: Protocol Buffers (https://protobuf.dev/programming-guides/encoding/) by the numbers of
 * onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). IR version 8, operators 17, ai.onnx.ml 3: what runtimes since 2022 know.
 */
import type { Attribute, ElementType, OnnxModel, OnnxNode, Place, Tensor } from './model.ts'

const IR_VERSION = 8
const OPERATORS = { '': 17, 'ai.onnx.ml': 3 } as const

const ELEMENT: Readonly<Record<ElementType, number>> = { float32: 1, int64: 7, bool: 9, float64: 11 }

/** The same model gives the same bytes. Throws RangeError on whole numbers that are none. */
export function encodeModel({ name, inputs, outputs, constants, nodes, metadata = {} }: OnnxModel): Uint8Array {
  const graph = new Message()
  for (const node of nodes) graph.message(1, nodeMessage(node))
  graph.text(2, name)
  for (const [constant, tensor] of Object.entries(constants)) graph.message(5, tensorMessage(tensor, constant))
  for (const place of inputs) graph.message(11, placeMessage(place))
  for (const place of outputs) graph.message(12, placeMessage(place))
  const domains = new Set(['', ...nodes.map(({ domain }) => domain ?? '')])
  const model = new Message().whole(1, IR_VERSION).text(2, 'vanta').message(7, graph)
  for (const [domain, version] of Object.entries(OPERATORS)) {
    if (domains.has(domain)) model.message(8, new Message().text(1, domain).whole(2, version))
  }
  for (const [key, value] of Object.entries(metadata)) model.message(14, new Message().text(1, key).text(2, value))
  return model.bytes()
}

function nodeMessage({ op, domain, inputs, outputs, attributes = {} }: OnnxNode): Message {
  const node = new Message()
  for (const input of inputs) node.text(1, input)
  for (const output of outputs) node.text(2, output)
  node.text(4, op)
  for (const [name, attribute] of Object.entries(attributes)) node.message(5, attributeMessage(name, attribute))
  if (domain !== undefined && domain !== '') node.text(7, domain)
  return node
}

function attributeMessage(name: string, attribute: Attribute): Message {
  const message = new Message().text(1, name)
  if ('float' in attribute) return message.float(2, attribute.float).whole(20, 1)
  if ('int' in attribute) return message.whole(3, attribute.int).whole(20, 2)
  if ('text' in attribute) return message.text(4, attribute.text).whole(20, 3)
  if ('tensor' in attribute) return message.message(5, tensorMessage(attribute.tensor)).whole(20, 4)
  if ('floats' in attribute) {
    for (const value of attribute.floats) message.float(7, value)
    return message.whole(20, 6)
  }
  if ('ints' in attribute) {
    for (const value of attribute.ints) message.whole(8, value)
    return message.whole(20, 7)
  }
  for (const value of attribute.texts) message.text(9, value)
  return message.whole(20, 8)
}

function tensorMessage({ type, shape, data }: Tensor, name?: string): Message {
  const tensor = new Message()
  for (const length of shape) tensor.whole(1, length)
  tensor.whole(2, ELEMENT[type])
  if (name !== undefined) tensor.text(8, name)
  return tensor.raw(9, littleEndian(data))
}

function placeMessage({ name, type, shape }: Place): Message {
  const shapes = new Message()
  for (const length of shape) shapes.message(1, typeof length === 'string' ? new Message().text(2, length) : new Message().whole(1, length))
  return new Message().text(1, name).message(2, new Message().message(1, new Message().whole(1, ELEMENT[type]).message(2, shapes)))
}

/** Whatever the order of bytes of this machine. */
function littleEndian(data: Tensor['data']): Uint8Array {
  const bytes = new Uint8Array(data.byteLength)
  const view = new DataView(bytes.buffer)
  if (data instanceof Float32Array) data.forEach((value, i) => view.setFloat32(4 * i, value, true))
  else if (data instanceof Float64Array) data.forEach((value, i) => view.setFloat64(8 * i, value, true))
  else if (data instanceof BigInt64Array) data.forEach((value, i) => view.setBigInt64(8 * i, value, true))
  else bytes.set(data)
  return bytes
}

const TEXT = new TextEncoder()

/** Fields of a message one after another, each with its number and how it is written: 0 varint, 2 with its length, 5 four bytes. */
class Message {
  readonly #parts: Uint8Array[] = []
  #size = 0

  whole(field: number, value: number): this {
    if (!Number.isSafeInteger(value)) throw new RangeError(`field ${field}: ${value} is no whole number`)
    return this.#add(varint(field << 3)).#add(varint(value))
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.#add(varint((field << 3) | 5)).#add(bytes)
  }

  raw(field: number, bytes: Uint8Array): this {
    return this.#add(varint((field << 3) | 2)).#add(varint(bytes.length)).#add(bytes)
  }

  text(field: number, text: string): this {
    return this.raw(field, TEXT.encode(text))
  }

  message(field: number, message: Message): this {
    this.#add(varint((field << 3) | 2)).#add(varint(message.#size))
    for (const part of message.#parts) this.#add(part)
    return this
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#size)
    let at = 0
    for (const part of this.#parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }

  #add(part: Uint8Array): this {
    this.#parts.push(part)
    this.#size += part.length
    return this
  }
}

/** Seven bits a byte, the lowest first; what is negative as the 64 bits that it is. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

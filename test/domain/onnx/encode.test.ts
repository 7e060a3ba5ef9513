/** Our bytes, read by another's decoder. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import onnx from 'onnx-proto'
import { encodeModel } from '#domain/onnx/encode'
import { float32, float64, int64, type Attribute, type OnnxModel, type Tensor } from '#domain/onnx/model'

const { AttributeProto, ModelProto, TensorProto } = onnx.onnx
const word = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
const finite32 = fc.float({ noNaN: true })
const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
const sizeOf = (lengths: readonly number[]): number => lengths.reduce((size, length) => size * length, 1)
const whole = fc.maxSafeInteger()
const tensor: fc.Arbitrary<Tensor> = shape.chain((lengths) => fc.oneof(
  fc.array(finite32, { minLength: sizeOf(lengths), maxLength: sizeOf(lengths) }).map((values) => float32(lengths, values)),
  fc.array(fc.double(), { minLength: sizeOf(lengths), maxLength: sizeOf(lengths) }).map((values) => float64(lengths, values)),
  fc.array(whole, { minLength: sizeOf(lengths), maxLength: sizeOf(lengths) }).map((values) => int64(lengths, values)),
))
const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ int: whole }), fc.record({ ints: fc.array(whole, { maxLength: 4 }) }),
  fc.record({ float: finite32 }), fc.record({ floats: fc.array(finite32, { maxLength: 4 }) }),
  fc.record({ text: word }), fc.record({ texts: fc.array(word, { maxLength: 4 }) }), fc.record({ tensor }),
)
const place = fc.record({ name: word, type: fc.constantFrom('float32', 'float64', 'int64', 'bool'), shape: fc.array(fc.oneof(fc.nat(), word), { maxLength: 3 }) })
const names = fc.array(word, { maxLength: 3 })
const model: fc.Arbitrary<OnnxModel> = fc.record({
  name: word, inputs: fc.array(place, { maxLength: 3 }), outputs: fc.array(place, { maxLength: 3 }),
  constants: fc.dictionary(word, tensor, { maxKeys: 3 }),
  nodes: fc.array(fc.record({
    op: word, domain: fc.constantFrom('', 'ai.onnx.ml'), inputs: names, outputs: names, attributes: fc.dictionary(word, attribute, { maxKeys: 3 }),
  }), { maxLength: 4 }),
  metadata: fc.dictionary(word, word, { maxKeys: 3 }),
})

type ElementProto = { dims?: readonly unknown[] | null; dataType?: number | null; rawData?: Uint8Array | null; name?: string | null }
type AttributeMessage = InstanceType<typeof AttributeProto>

const TYPES = { float32: 1, int64: 7, bool: 9, float64: 11 }

function tensorSaid({ dims, dataType, rawData }: ElementProto): unknown {
  return { dims: (dims ?? []).map(Number), dataType, bytes: [...rawData ?? []] }
}
const tensorMeant = ({ type, shape: dims, data }: Tensor): unknown =>
  ({ dims: [...dims], dataType: TYPES[type], bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] })

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

function attributeSaid(said: AttributeMessage): unknown {
  switch (said.type) {
    case AttributeProto.AttributeType.INT: return { int: Number(said.i) }
    case AttributeProto.AttributeType.INTS: return { ints: said.ints.map(Number) }
    case AttributeProto.AttributeType.FLOAT: return { float: said.f }
    case AttributeProto.AttributeType.FLOATS: return { floats: said.floats }
    case AttributeProto.AttributeType.STRING: return { text: utf8(said.s) }
    case AttributeProto.AttributeType.STRINGS: return { texts: said.strings.map(utf8) }
    default: return { tensor: tensorSaid(said.t ?? {}) }
  }
}
const attributeMeant = (meant: Attribute): unknown => ('tensor' in meant ? { tensor: tensorMeant(meant.tensor) } : { ...meant })

test('any model, decoded by another, is what was meant', () => {
  fc.assert(fc.property(model, (meant) => {
    const said = ModelProto.decode(encodeModel(meant))
    const graph = said.graph ?? {}
    assert.equal(Number(said.irVersion), 8)
    const domains = Object.fromEntries(said.opsetImport.map(({ domain, version }) => [domain, Number(version)]))
    const trees = meant.nodes.some(({ domain }) => domain === 'ai.onnx.ml')
    assert.deepEqual(domains, trees ? { '': 17, 'ai.onnx.ml': 3 } : { '': 17 })
    assert.equal(graph.name, meant.name)
    assert.deepEqual(said.metadataProps.map(({ key, value }) => [key, value]), Object.entries(meant.metadata ?? {}))
    assert.deepEqual((graph.initializer ?? []).map((one) => [one.name, tensorSaid(one)]), Object.entries(meant.constants).map(([name, one]) => [name, tensorMeant(one)]))
    for (const [places, wanted] of [[graph.input ?? [], meant.inputs], [graph.output ?? [], meant.outputs]] as const) {
      assert.deepEqual(places.map(({ name, type }) => ({
        name, type: type?.tensorType?.elemType,
        shape: (type?.tensorType?.shape?.dim ?? []).map((dim) => (dim.dimParam !== undefined && dim.dimParam !== null && dim.dimParam !== '' ? dim.dimParam : Number(dim.dimValue))),
      })), wanted.map((one) => ({ name: one.name, type: TYPES[one.type], shape: [...one.shape] })))
    }
    assert.deepEqual((graph.node ?? []).map(({ opType, domain, input, output, attribute: attributes }) => ({
      op: opType, domain: domain ?? '', inputs: input, outputs: output,
      attributes: Object.fromEntries((attributes ?? []).map((one) => [one.name, attributeSaid(AttributeProto.fromObject(one))])),
    })), meant.nodes.map((node) => ({
      op: node.op, domain: node.domain ?? '', inputs: [...node.inputs], outputs: [...node.outputs],
      attributes: Object.fromEntries(Object.entries(node.attributes ?? {}).map(([name, one]) => [name, attributeMeant(one)])),
    })))
  }))
})

test('the same model gives the same bytes, and whole numbers are whole', () => {
  const one: OnnxModel = { name: 'm', inputs: [], outputs: [], constants: { c: float32([2], [1, NaN]) }, nodes: [] }
  assert.deepEqual(encodeModel(one), encodeModel({ ...one }))
  assert.throws(() => encodeModel({ ...one, nodes: [{ op: 'X', inputs: [], outputs: [], attributes: { axis: { int: 0.5 } } }] }), RangeError)
  assert.throws(() => float32([3], [1]), RangeError)
  assert.equal(TensorProto.DataType.DOUBLE, TYPES.float64)
})

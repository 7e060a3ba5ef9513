/**
 * Sessions of onnxruntime-node. Version 1.27 makes no connection whatsoever; later ones tell their maker of each session unless the
 * environment forbids it before the library is loaded, so it is forbidden here whichever version there is. One thread: more of them gain little
 * on models of this size and lose much on a busy machine, and sums are added in one order.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { Failure } from '#port/failure'
import type { ModelBytes, Session, Tensors } from '#port/inference'
import type { Slot } from '#domain/learn/served'
import type { ElementType, Tensor } from '#domain/onnx/model'

type Runtime = typeof import('onnxruntime-node')

const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', executionProviders: ['cpu'], logSeverityLevel: 4,
}

let loaded: Promise<Runtime> | undefined

function runtime(): Promise<Runtime> {
  return (loaded ??= load())
}

async function load(): Promise<Runtime> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  try {
    return await import('onnxruntime-node')
  } catch (error) {
    throw new Failure('config', `onnxruntime-node does not load on ${process.platform}/${process.arch}: ${messageOf(error)}`, error)
  }
}

/** Throws Failure `data` where the runtime does not take the model, `config` where there is no runtime for this machine. */
export async function openSession({ name, bytes }: ModelBytes): Promise<Session> {
  const ort = await runtime()
  let session: InferenceSession
  try {
    session = await ort.InferenceSession.create(bytes, OPTIONS)
  } catch (error) {
    throw new Failure('data', `${name}: no model that the runtime takes: ${messageOf(error)}`, error)
  }
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    signature: { inputs: session.inputMetadata.map(slotOf), outputs: session.outputMetadata.map(slotOf) },
    async run(inputs, outputs) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([input, tensor]) => [input, given(ort, tensor)]))
      try {
        return Object.fromEntries(Object.entries(await session.run(feeds, outputs ?? session.outputNames))
          .map(([output, tensor]) => [output, taken(name, output, tensor)])) satisfies Tensors
      } catch (error) {
        if (error instanceof Failure) throw error
        throw new Failure('data', `${name}: ${messageOf(error)}`, error)
      }
    },
    close: () => session.release(),
  }
}

/** A length that the model leaves open is a word here, or none. */
const slotOf = (value: InferenceSession.ValueMetadata): Slot => (value.isTensor
  ? { name: value.name, type: value.type, shape: value.shape.map((length) => (typeof length === 'number' && length >= 0 ? length : undefined)) }
  : { name: value.name, type: undefined, shape: [] })

/** The runtime reads the memory of the caller: nothing is copied on the way in. */
function given(ort: Runtime, { type, shape, data }: Tensor): OrtTensor {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, shape)
  if (data instanceof Float64Array) return new ort.Tensor('float64', data, shape)
  if (data instanceof BigInt64Array) return new ort.Tensor('int64', data, shape)
  if (type === 'bool') return new ort.Tensor('bool', data, shape)
  throw new Failure('data', `values of ${type} are none that a model takes`)
}

function taken(model: string, name: string, { data, dims, type }: OrtTensor): Tensor {
  const is = (element: ElementType): boolean => type === element
  if (data instanceof Float32Array && is('float32')) return { type: 'float32', shape: dims, data }
  if (data instanceof Float64Array && is('float64')) return { type: 'float64', shape: dims, data }
  if (data instanceof BigInt64Array && is('int64')) return { type: 'int64', shape: dims, data }
  if (data instanceof Uint8Array && is('bool')) return { type: 'bool', shape: dims, data }
  throw new Failure('data', `${model}: its output "${name}" is of type ${type}, which is not read here`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

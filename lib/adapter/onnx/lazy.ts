/** The ONNX runtime, loaded when a model is first opened: its library takes tens of milliseconds and 45 MB. */
import { sha256Of } from '#record/sha256'
import { Failure } from '#port/failure'
import type { Inference, ModelBytes } from '#port/inference'

export const onnxInference: Inference = {
  async open(model) {
    checkHash(model)
    const { openSession } = await import('./session.ts')
    return openSession(model)
  },
}

function checkHash({ name, bytes, sha256 }: ModelBytes): void {
  if (sha256 === 'own') return
  const is = sha256Of(bytes)
  if (is !== sha256.toLowerCase()) throw new Failure('config', `${name}: its SHA-256 is ${is}, its card says ${sha256}: not loaded`)
}

/** Running models that are ONNX files, ours or anyone's. */
import type { Signature } from '#domain/learn/served'
import type { Tensor } from '#domain/onnx/model'

export type Tensors = { readonly [name: string]: Tensor }

/** A model that is loaded. */
export interface Session {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** The same with their types and shapes. */
  readonly signature: Signature
  /**
   * All outputs, or those named. Throws Failure `data` where an input is missing, unknown or of the wrong type or shape. One run at a time.
   */
  run(inputs: Tensors, outputs?: readonly string[]): Promise<Tensors>
  close(): Promise<void>
}

/** A model as bytes, and what they must be. */
export interface ModelBytes {
  /** For messages: the path, or what it is. */
  readonly name: string
  readonly bytes: Uint8Array
  /**
   * Of the bytes, in hex, as its card states it; `own` for what this process has just built. The bytes of anyone else reach a runtime only once
   * their hash agrees: it is native code, and trusts what it reads.
   */
  readonly sha256: string | 'own'
}

export interface Inference {
  /** Throws Failure `config` where the hash is another, `data` where the runtime does not take the model. */
  open(model: ModelBytes): Promise<Session>
}

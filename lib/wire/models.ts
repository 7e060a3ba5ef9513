/**
 * Models as files: NAME.json (or another ending) beside NAME.card.json, which says what it is, how it was made, how it was judged, and the
 * SHA-256 of the model's bytes. A model whose bytes are others is not loaded.
 */
import { Failure } from '#port/failure'
import { readNamed, type Folder } from '#port/folder'
import { integer, list, members, object, optional, text, unknown, type Typed } from '#record/shape'
import { sha256Of } from '#record/sha256'

const cardShape = object({
  /** One sentence. */
  what: text,
  /** The command line that makes it again. */
  made_by: optional(text),
  /** Where its rows are from, how many, and the SHA-256 of the file. */
  learned_from: optional(members),
  features: optional(unknown),
  judged: optional(unknown),
  /** SHA-256 of the models that it goes on from. */
  parents: optional(list(text)),
  seed: optional(text),
  /** Of the model's file, in hex; and the bytes in it. */
  sha256: text,
  bytes: optional(integer(0)),
  /** Of NAME.onnx, where that was written too. */
  onnx_sha256: optional(text),
})
export type Card = Typed<typeof cardShape>

/** What follows the name of a model in the name of its card. */
export const CARD = '.card.json'

/** Where models stand: those of the home, which go first, and those that come with Vanta. */
export const modelFolders = ({ home, root }: { readonly home: string; readonly root: string }): readonly string[] =>
  [...new Set([`${home}/models`, `${root}/models`])]

/** `models/adult`, `models/adult.json` and `models/adult.card.json` name one model. */
export const stemOf = (name: string): string => name.replace(/(\.card)?\.(json|onnx)$/, '')

/** Write a model and its card. */
export function writeModel(folder: Pick<Folder, 'write'>, name: string, content: string, card: Omit<Card, 'sha256' | 'bytes'>): Card {
  const whole = { ...card, sha256: sha256Of(content), bytes: Buffer.byteLength(content) }
  folder.write(`${stemOf(name)}.json`, content)
  folder.write(`${stemOf(name)}${CARD}`, `${JSON.stringify(whole, undefined, 2)}\n`)
  return whole
}

export function readCard(folder: Pick<Folder, 'read'>, name: string): Card {
  const path = `${stemOf(name)}${CARD}`
  const card = jsonIn(readNamed(folder, path), path)
  if (isCard(card)) return card
  const { path: field, message } = cardShape.fault(card) ?? { path: '', message: 'no card' }
  throw new Failure('config', `${path}: ${field === '' ? message : `field "${field}": ${message}`}`)
}

const isCard = (value: unknown): value is Card => cardShape.holds(value)

/** The model that its card tells of, as JSON. Throws Failure `usage` where there is none, `config` where its bytes are not those of the card. */
export function readModel(folder: Pick<Folder, 'read'>, name: string): { readonly model: unknown; readonly card: Card } {
  const path = `${stemOf(name)}.json`
  const bytes = readNamed(folder, path), card = readCard(folder, name), fault = faultOf(bytes, card, path)
  if (fault !== undefined) throw new Failure('config', fault)
  return { model: jsonIn(bytes, path), card }
}

/** Why a model would not be loaded; undefined where it would. */
export function checkModel(folder: Pick<Folder, 'read'>, name: string): string | undefined {
  const path = `${stemOf(name)}.json`, bytes = folder.read(path)
  if (bytes === undefined) return `no such file: ${path}`
  const card = readCard(folder, name), fault = faultOf(bytes, card, path)
  return fault ?? servedFault(folder, `${stemOf(name)}.onnx`, card, jsonIn(bytes, path))
}

/** Where the ONNX file beside it is what is served, its hash stands in the JSON; where it is for others, in the card alone, and it may be gone. */
function servedFault(folder: Pick<Folder, 'read'>, path: string, card: Card, model: unknown): string | undefined {
  const served = typeof model === 'object' && model !== null && 'onnx_sha256' in model && typeof model.onnx_sha256 === 'string' ? model.onnx_sha256 : undefined
  const sha256 = served ?? card.onnx_sha256, bytes = sha256 === undefined ? undefined : folder.read(path)
  if (sha256 === undefined) return undefined
  if (bytes === undefined) return served === undefined ? undefined : `no such file: ${path}`
  return faultOf(bytes, { sha256 }, path)
}

function faultOf(bytes: Buffer, { sha256 }: Pick<Card, 'sha256'>, path: string): string | undefined {
  const is = sha256Of(bytes)
  return is === sha256.toLowerCase() ? undefined : `${path}: its SHA-256 is ${is}, its card says ${sha256}: not loaded`
}

function jsonIn(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new Failure('config', `${path}: not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

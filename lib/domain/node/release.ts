/** What a release of Vanta is made of: a list that the build writes, `dist/release.list`. A folder that has the list has everything on it. */
import { sha256Of } from '#record/sha256'

export const RELEASE_FILE = 'dist/release.list'

export interface ReleasedFile {
  /** From the root of the release; no part of it is `..`. */
  readonly path: string
  /** In hex. */
  readonly sha256: string
  readonly runs: boolean
}
export interface Release {
  /** The first 16 hex digits of the list's own SHA-256. */
  readonly id: string
  readonly files: readonly ReleasedFile[]
}

const PATH = /^(?!.*(^|\/)\.{0,2}(\/|$))[\x20-\x7e]+$/

/** Throws RangeError with what is wrong. Lines of `SHA256 MODE PATH`, the mode `x` or `-`. */
export function releaseIn(text: string): Release {
  const files = text.split('\n').filter((line) => line !== '').map((line) => {
    const [, sha256 = '', mode = '', path = ''] = /^([0-9a-f]{64}) ([x-]) (.+)$/.exec(line) ?? []
    if (!PATH.test(path)) throw new RangeError(`expected a SHA-256, x or - and a path, got ${JSON.stringify(line.slice(0, 100))}`)
    return { path, sha256, runs: mode === 'x' }
  })
  if (files.length === 0) throw new RangeError('it lists no file')
  return { id: sha256Of(Buffer.from(text)).slice(0, 16), files }
}

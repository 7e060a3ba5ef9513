/** Certificates of a connection, from files that secrets name: `redis_ca`, `redis_cert`, `redis_key` for a prefix of `redis`. */
import { readFileSync } from 'node:fs'
import type { Credentials } from '#port/secrets'
import { Failure } from '#port/failure'

export interface TlsFiles {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

/** Throws Failure `config` where one cannot be read. */
export function tlsFilesOf(prefix: string, secrets: Credentials): TlsFiles {
  const parts = (['ca', 'cert', 'key'] as const).flatMap((part) => {
    const name = `${prefix}_${part}`, path = secrets[name]
    return path === undefined ? [] : [[part, fileAt(name, path)] as const]
  })
  return Object.fromEntries(parts)
}

function fileAt(name: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Failure('config', `secrets/bus: ${name}: cannot read ${path}`, error)
  }
}

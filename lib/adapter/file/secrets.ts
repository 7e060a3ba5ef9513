/** Secrets from files that only their owner can read: never from words, variables or anywhere that is listed or logged. */
import fs from 'node:fs'
import { join } from 'node:path'
import { Failure } from '#port/failure'
import type { Credentials, KeptSecrets, Secrets } from '#port/secrets'
import { codeOf } from './disk.ts'

/** Bits that let anyone but the owner at a file. */
const OTHERS = 0o077

/** Bits that let all others at a file. The group's are the mask of its access list where systemd has put it there, for the unit's user alone. */
const ALL_OTHERS = 0o007

/**
 * A file a name, in the first of these folders that has it and something in it; before them `credentials`, where systemd puts what a unit may know
 * (systemd.exec(5), LoadCredential=): what an operator has not given is `{}` there.
 */
export const fileSecrets = (folders: readonly string[], credentials?: string): Secrets => ({
  async read(name) {
    const found = credentials === undefined ? undefined : secretsAt(join(credentials, name), ALL_OTHERS)
    if (found !== undefined && Object.keys(found.secrets).length > 0) return found
    for (const folder of folders) {
      const kept = secretsAt(join(folder, name))
      if (kept !== undefined) return kept
    }
    return undefined
  },
})

/**
 * A file of `{"key": "value"}` or lines of `key=value`; undefined where there is none. Throws Failure `config` on a file that others may
 * read, or that is neither.
 */
export function secretsAt(path: string, closedTo = OTHERS): KeptSecrets | undefined {
  const content = readPrivately(path, closedTo)
  return content === undefined ? undefined : { place: path, secrets: parseSecrets(path, content.toString('utf8')) }
}

/** A file that nobody but its owner can read; undefined where there is none. Throws Failure `config` where others may read it. */
export function readPrivately(path: string, closedTo = OTHERS): Buffer | undefined {
  let file: number
  try {
    file = fs.openSync(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw new Failure('config', `${path}: cannot read: ${codeOf(error)}`, error)
  }
  try {
    const { mode } = fs.fstatSync(file)
    if ((mode & closedTo) !== 0) {
      throw new Failure('config', `${path}: others may read it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}); chmod 600 it`)
    }
    return fs.readFileSync(file)
  } finally {
    fs.closeSync(file)
  }
}

function parseSecrets(path: string, text: string): Credentials {
  return text.trimStart().startsWith('{') ? fromJson(path, text) : fromLines(path, text)
}

/** What is wrong is said without quoting any of it. */
function fromJson(path: string, text: string): Credentials {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new Failure('config', `${path}: not valid JSON`)
  }
  const entries = Object.entries(parsed as object)
  if (entries.some(([, value]) => typeof value !== 'string')) throw new Failure('config', `${path}: expected an object of strings`)
  return Object.fromEntries(entries) as Credentials
}

function fromLines(path: string, text: string): Credentials {
  const secrets: Record<string, string> = {}
  for (const [i, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const equals = trimmed.indexOf('=')
    if (equals <= 0) throw new Failure('config', `${path}:${i + 1}: expected key=value`)
    secrets[trimmed.slice(0, equals).trim()] = trimmed.slice(equals + 1).trim().replace(/^(["'])(.*)\1$/, '$2')
  }
  return secrets
}

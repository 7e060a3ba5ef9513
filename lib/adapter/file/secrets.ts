/** Secrets from files that only their owner can read: never from words, variables or anywhere that is listed or logged. */
import fs from 'node:fs'
import { Failure } from '#port/failure'
import type { Credentials } from '#port/outside'
import { codeOf } from './disk.ts'

/** Bits that let anyone but the owner at a file. */
const OTHERS = 0o077

/**
 * The first of these files that is there, `{"key": "value"}` or lines of `key=value`; undefined where none is. Throws Failure
 * `config` on a file that others may read, or that is neither.
 */
export function readSecrets(paths: readonly string[]): { readonly path: string; readonly secrets: Credentials } | undefined {
  for (const path of paths) {
    let file: number
    try {
      file = fs.openSync(path, 'r')
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') continue
      throw new Failure('config', `${path}: cannot read: ${codeOf(error)}`, error)
    }
    try {
      const { mode } = fs.fstatSync(file)
      if ((mode & OTHERS) !== 0) {
        throw new Failure('config', `${path}: others may read it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}); chmod 600 it`)
      }
      return { path, secrets: parseSecrets(path, fs.readFileSync(file, 'utf8')) }
    } finally {
      fs.closeSync(file)
    }
  }
  return undefined
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

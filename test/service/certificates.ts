/** An authority of the test's own, made by vanta-keys, and the certificates it gives out. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const tool = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'bin', 'vanta-keys')

export interface Authority {
  /** A key and certificate in a folder of its own, with ca.pem and ca.crl as they are now. `at`: made at another time. */
  issue(name: string, words?: readonly string[], at?: string): { readonly folder: string; readonly file: string; readonly ca: string }
  /** Another word to vanta-keys. */
  keys(...words: readonly string[]): string
  /** The authority's folder, with the newest ca.pem and ca.crl. */
  readonly folder: string
  /** Its first list of revoked certificates, which has aged. */
  readonly agedList: string
}

/** An authority that has been there for some weeks. */
export function authority(): Authority {
  const home = mkdtempSync(join(tmpdir(), 'vanta-ca-')), folder = join(home, 'secrets', 'authority'), before = new Date(Date.now() - 40 * 86_400_000).toISOString()
  after(() => rmSync(home, { recursive: true, force: true }))
  const run = (words: readonly string[], at?: string): string =>
    execFileSync(tool, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, VANTA_HOME: home, ...(at !== undefined && { VANTA_NOW: at }) } })
  let count = 0
  run(['init', '--crl-at', `file://${folder}/ca.crl`], before)
  copyFileSync(join(folder, 'ca.crl'), join(home, 'aged.crl'))
  return {
    folder,
    agedList: join(home, 'aged.crl'),
    keys: (...words) => run(words),
    issue(name, words = [], at) {
      const to = join(home, `to-${++count}`)
      run(['issue', name, '--to', to, ...words], at)
      return { folder: to, file: join(to, `${name}.pem`), ca: join(to, 'ca.pem') }
    },
  }
}

/** A moment at which the authority was there, and a certificate of a day made then has ended. */
export const longAgo = (): string => new Date(Date.now() - 10 * 86_400_000).toISOString()

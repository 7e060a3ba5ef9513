/**
 * A Python with the libraries that benchmarks put ours beside: the one that VANTA_RIVALS names, else one of its own in a cache folder, which is made
 * where packages are to be had. No part of Vanta, and nothing of it: who has none goes without those rows.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const PACKAGES = ['lightgbm==4.7.0', 'numpy==2.4.6', 'scikit-learn==1.9.1']
const MODULES = ['lightgbm', 'numpy', 'sklearn']

export function rivalsPython(say: (text: string) => void): string | undefined {
  const named = process.env['VANTA_RIVALS']
  if (named !== undefined) return has(named) ? named : without(`${named} has no ${MODULES.join(', ')}`)
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vanta-rivals'), python = join(folder, 'bin', 'python')
  if (existsSync(python) && has(python)) return python
  say(`rivals: ${PACKAGES.join(', ')} into ${folder}`)
  const made = ran('python3', ['-m', 'venv', folder]) ?? ran(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES])
  return made === undefined ? python : without(made)

  function without(why: string): undefined {
    say(`rivals: none, their rows are left out: ${why}`)
    return undefined
  }
}

const has = (python: string): boolean => ran(python, ['-c', `import ${MODULES.join(', ')}`]) === undefined

/** What went wrong, in one line. */
function ran(command: string, words: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(command, words, { encoding: 'utf8', timeout: 600_000 })
  if (error !== undefined) return error.message
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1) ?? `${command} ended with ${status}`
}

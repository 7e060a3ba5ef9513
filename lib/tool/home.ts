/** Where things are: the home that holds memory/ and logs/, the config file, and Vanta's own root. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '#port/failure'

export type Environment = Readonly<Record<string, string | undefined>>
/** `{ "decay": { "half-life": "2h" }, "all": { "seed": "7" } }` */
export type Config = { readonly [tool: string]: { readonly [flag: string]: unknown } }

/** --home > VANTA_HOME > $STATE_DIRECTORY (systemd) > $XDG_STATE_HOME/vanta > ~/.local/state/vanta. */
export function homeOf(flag: string | undefined, environment: Environment): string {
  const state = environment['XDG_STATE_HOME'] ?? join(environment['HOME'] ?? '.', '.local', 'state')
  return resolve(flag ?? nonEmpty(environment['VANTA_HOME']) ?? nonEmpty(environment['STATE_DIRECTORY']) ?? join(state, 'vanta'))
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/** The first config file there is: $VANTA_CONFIG, the user's, the machine's. */
export function configPath(environment: Environment): string | undefined {
  const named = nonEmpty(environment['VANTA_CONFIG'])
  if (named !== undefined) return named
  const user = environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? '.', '.config')
  return [join(user, 'vanta', 'config.json'), '/etc/vanta/config.json'].find((path) => existsSync(path))
}

/** Throws Failure `config` where the file is unreadable or of the wrong shape. */
export function readConfig(path: string | undefined): Config {
  if (path === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Failure('config', `${path}: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  if (!isConfig(value)) throw new Failure('config', `${path}: expected an object of objects, like { "decay": { "half-life": "2h" } }`)
  return value
}

function isConfig(value: unknown): value is Config {
  return isObject(value) && Object.values(value).every(isObject)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The folder of Vanta's package.json, from wherever this code was bundled to. */
export function rootOf(environment: Environment): string {
  const named = nonEmpty(environment['VANTA_ROOT'])
  if (named !== undefined) return resolve(named)
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
}

/** The words of a command line, the environment and the config file made into the values of an option table. */
import { commonOptions, type Common } from './common.ts'
import type { AnyAct } from './define.ts'
import { Failure } from '#port/failure'
import { configPath, readConfig, type Config, type Environment } from './home.ts'
import { flagOf, readOption, type Option, type Options, type OptionValue } from './options.ts'
import type { Words } from './words.ts'

export type Origin = 'flag' | 'environment' | 'config' | 'default' | 'unset'

export interface Setting {
  readonly name: string
  readonly flag: string
  readonly value: OptionValue
  readonly origin: Origin
  /** The variable, or the config entry, that it came from. */
  readonly place: string
  /** As it was typed, where it was. */
  readonly typed: string | undefined
}

export interface Parsed {
  readonly values: { readonly [name: string]: OptionValue }
  readonly common: Common
  readonly operands: readonly string[]
  readonly settings: readonly Setting[]
}

/** The option table of a tool, the common options last. */
export const tableOf = (act: AnyAct): Options => ({ ...act.options, ...commonOptions(act) })

/** How a value is written in the usage: DURATION, FILE, one of the choices. */
export function metavar(option: Option): string {
  return option.kind === 'choice' ? option.choices.join('|') : METAVARS[option.kind]
}

const METAVARS = {
  flag: '', text: 'TEXT', path: 'FILE', number: 'NUMBER', integer: 'N', decimal: 'DECIMAL', duration: 'DURATION', moment: 'MOMENT', list: 'LIST',
} as const

/** The name in the environment: VANTA_DECAY_HALF_LIFE, and VANTA_SEED for a common option. */
export function variableOf(act: AnyAct, name: string): string {
  const own = act.options[name]?.variable
  if (own !== undefined) return own
  const upper = flagOf(name).replaceAll('-', '_').toUpperCase()
  const tool = act.name.replace(/^vanta-?/, '').replaceAll(/[- ]/g, '_').toUpperCase()
  return name in act.options ? `VANTA_${tool === '' ? '' : `${tool}_`}${upper}` : `VANTA_${upper}`
}

/** Throws Failure `usage` on words that the table does not know or values it cannot read. */
export async function parseArgv(act: AnyAct, words: readonly string[], environment: Environment, config: Config): Promise<Parsed> {
  const table = tableOf(act)
  // Loading a parser takes a good part of the start-up of a tool, and often there is nothing to parse.
  const { typed, operands } = words.length === 0 ? NO_WORDS : (await import('./words.ts')).readWords(act.name, table, words)
  const settings = Object.entries(table).map(([name, option]) => settle(act, name, option, typed.get(name), environment, config))
  const values: { [name: string]: OptionValue } = {}
  for (const { name, value } of settings) values[name] = value
  const asked = settings.filter(({ name, value }) => value === undefined && isRequired(table[name]))
  if (asked[0] !== undefined) throw new Failure('usage', `--${asked[0].flag} is required`)
  if (operands.length > 0 && act.kind === 'collector') {
    const list = Object.keys(table).find((name) => isGoingOn(table[name]) && typed.has(name))
    if (list === undefined) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    values[list] = [...(values[list] as readonly string[]), ...operands]
  }
  if (operands.length > 0 && act.kind === 'command' && act.operands === undefined) throw new Failure('usage', `unexpected word "${operands[0]}"`)
  return { values, common: commonOf(values), operands, settings }
}

const NO_WORDS: Words = { typed: new Map(), operands: [] }

const isGoingOn = (option: Option | undefined): boolean => option?.kind === 'list' && option.goesOn === true
const isRequired = (option: Option | undefined): boolean => option !== undefined && 'required' in option

function settle(act: AnyAct, name: string, option: Option, typed: string | undefined, environment: Environment, config: Config): Setting {
  const flag = flagOf(name)
  const tool = act.name.replace(/^vanta-/, '').replaceAll(' ', '-')
  const variable = variableOf(act, name)
  const configured = config[tool]?.[flag] ?? config[tool.split('-')[0] ?? tool]?.[flag] ?? config['all']?.[flag]
  const candidates: readonly (readonly [Origin, string, string | undefined])[] = [
    ['flag', `--${flag}`, typed],
    ['environment', variable, environment[variable] === '' ? undefined : environment[variable]],
    ['config', `config: ${tool}.${flag}`, configured === undefined ? undefined : wordOf(configured)],
    ['default', `--${flag}`, 'default' in option ? option.default : undefined],
  ]
  for (const [origin, place, text] of candidates) {
    if (text === undefined) continue
    const read = readOption(option, text)
    if ('expected' in read) {
      throw new Failure(origin === 'config' ? 'config' : 'usage', `${place}: expected ${read.expected}, got "${text}"`)
    }
    return { name, flag, value: read.value, origin, place, typed: text }
  }
  return { name, flag, value: option.kind === 'flag' ? false : undefined, origin: 'unset', place: '', typed: undefined }
}

const wordOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value))

function commonOf(values: { readonly [name: string]: OptionValue }): Common {
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined)
  const onError = text('onError')
  return {
    now: text('now'),
    seed: text('seed') ?? '1',
    home: text('home'),
    secretsIn: text('secretsIn') ?? 'files',
    logFile: text('logFile'),
    logJson: values['logJson'] === true,
    verbose: values['verbose'] === true,
    quiet: values['quiet'] === true,
    onError: onError === 'fail' || onError === 'skip' ? onError : 'reject',
    rejectFile: text('rejectFile'),
    maxLine: typeof values['maxLine'] === 'number' ? values['maxLine'] : 16 * 1024 * 1024,
    unbuffered: values['unbuffered'] === true,
    in: text('in'),
    out: text('out'),
    group: text('group'),
    since: text('since'),
    once: values['once'] === true,
    warmUp: typeof values['warmUp'] === 'number' ? values['warmUp'] : undefined,
  }
}

/** What a tool (or one verb of it) would run with, `words` typed. */
export async function settingsOf(act: AnyAct, words: readonly string[]): Promise<readonly Setting[]> {
  return (await parseArgv(act, words, process.env, readConfig(configPath(process.env)))).settings
}

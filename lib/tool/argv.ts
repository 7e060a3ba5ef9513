/** The words of a command line, the environment and the config file made into the values of an option table. */
import { Command, CommanderError, Option as CommanderOption } from 'commander'
import { commonOptions, SHORT, type Common } from './common.ts'
import type { AnyAct } from './define.ts'
import { Failure } from '#port/failure'
import { configPath, readConfig, type Config, type Environment } from './home.ts'
import { flagOf, readOption, type Option, type Options, type OptionValue } from './options.ts'

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
export const tableOf = (act: AnyAct): Options => ({ ...act.options, ...commonOptions(act.kind) })

/** How a value is written in the usage: DURATION, FILE, one of the choices. */
export function placeholder(option: Option): string {
  return option.kind === 'choice' ? option.choices.join('|') : PLACEHOLDERS[option.kind]
}

const PLACEHOLDERS = {
  flag: '', text: 'TEXT', path: 'FILE', number: 'NUMBER', integer: 'N', decimal: 'DECIMAL', duration: 'DURATION', moment: 'MOMENT', list: 'LIST',
} as const

/** The name in the environment: VANTA_DECAY_HALF_LIFE, and VANTA_SEED for a common option. */
export function variableOf(act: AnyAct, name: string): string {
  const upper = flagOf(name).replaceAll('-', '_').toUpperCase()
  const tool = act.name.replace(/^vanta-?/, '').replaceAll(/[- ]/g, '_').toUpperCase()
  return name in act.options ? `VANTA_${tool === '' ? '' : `${tool}_`}${upper}` : `VANTA_${upper}`
}

/** Throws Failure `usage` on words that the table does not know or values it cannot read. */
export function parseArgv(act: AnyAct, words: readonly string[], environment: Environment, config: Config): Parsed {
  const { typed, operands } = split(act, words)
  const table = tableOf(act)
  const settings = Object.entries(table).map(([name, option]) => settle(act, name, option, typed.get(name), environment, config))
  const values: { [name: string]: OptionValue } = {}
  for (const { name, value } of settings) values[name] = value
  const asked = settings.filter(({ name, value }) => value === undefined && isRequired(table[name]))
  if (asked[0] !== undefined) throw new Failure('usage', `--${asked[0].flag} is required`)
  if (operands.length > 0 && act.kind === 'collector') throw new Failure('usage', `unexpected word "${operands[0]}"`)
  if (operands.length > 0 && act.kind === 'command' && act.operands === undefined) throw new Failure('usage', `unexpected word "${operands[0]}"`)
  return { values, common: commonOf(values), operands, settings }
}

const isRequired = (option: Option | undefined): boolean => option !== undefined && 'required' in option

function split(act: AnyAct, words: readonly string[]): { typed: Map<string, string>; operands: readonly string[] } {
  const typed = new Map<string, string>()
  const parser = new Command(act.name).exitOverride().helpOption(false).argument('[words...]')
  parser.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  for (const [name, option] of Object.entries(tableOf(act))) {
    const short = SHORT[name] === undefined ? '' : `-${SHORT[name]}, `
    const flags = `${short}--${flagOf(name)}${option.kind === 'flag' ? '' : ' <value>'}`
    const entry = new CommanderOption(flags)
    parser.addOption(entry)
    parser.on(`option:${flagOf(name)}`, (value: string | null | undefined) => {
      const before = typed.get(name)
      const text = value ?? 'true'
      typed.set(name, option.kind === 'list' && before !== undefined ? `${before},${text}` : text)
    })
  }
  try {
    parser.parse([...words], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) throw new Failure('usage', error.message.replace(/^error: /, ''), error)
    throw error
  }
  return { typed, operands: parser.args }
}

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
    logFile: text('logFile'),
    logJson: values['logJson'] === true,
    verbose: values['verbose'] === true,
    quiet: values['quiet'] === true,
    onError: onError === 'fail' || onError === 'skip' ? onError : 'reject',
    rejectFile: text('rejectFile'),
    maxLine: typeof values['maxLine'] === 'number' ? values['maxLine'] : 16 * 1024 * 1024,
    unbuffered: values['unbuffered'] === true,
  }
}

/** What a tool (or one verb of it) would run with, `words` typed. */
export function settingsOf(act: AnyAct, words: readonly string[]): readonly Setting[] {
  return parseArgv(act, words, process.env, readConfig(configPath(process.env))).settings
}

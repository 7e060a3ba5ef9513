/** The words of a command line by the rules of an option table: the only code that knows commander. */
import { Command, CommanderError, Option as CommanderOption } from 'commander'
import { SHORT } from './common.ts'
import { Failure } from '#port/failure'
import { flagOf, type Options } from './options.ts'

export interface Words {
  /** By name of the option, as it was typed; `true` for a flag. */
  readonly typed: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

/** Throws Failure `usage` on words that the table does not know. */
export function readWords(tool: string, table: Options, words: readonly string[]): Words {
  const typed = new Map<string, string>()
  const parser = new Command(tool).exitOverride().helpOption(false).argument('[words...]')
  parser.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  for (const [name, option] of Object.entries(table)) {
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

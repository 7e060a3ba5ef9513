/**
 * Who made a record, as its `by` says it: a command line that would make it again, with the version behind the tool's name, such as
 * `vanta-synthesize/0.1.0 --every 1h`. Options at their defaults, and those that change no record, are left out.
 */
import { formatDuration, formatInstant, type Millis } from '#record'
import { sha256Of } from '#record/sha256'
import type { Folder } from '#port/folder'
import type { AnyStreaming } from './define.ts'
import { flagOf, readOption, type Option, type OptionValue } from './options.ts'

const FILE_DIGITS = 16
/** A file among the words: its path, and the first digits of SHA-256 of what was in it. */
const FILE = /^(.*)@([0-9a-f]{16})$/s
const PLAIN = /^[\w./:,@%+=-]+$/

/** `vanta-vault/0.1.0 allocate --priced`. */
export function madeBy(
  tool: AnyStreaming, version: string, values: { readonly [name: string]: OptionValue }, ambient: string, folder: Pick<Folder, 'read'>,
): string {
  const [name = '', ...verb] = tool.name.split(' ')
  const words = [`${name}/${version}`, ...verb]
  for (const [key, option] of Object.entries(tool.options)) {
    const value = wordOf(option, values[key], folder)
    if (option.aside === true || value === undefined || value === defaultOf(option, folder)) continue
    words.push(`--${flagOf(key)}`)
    if (option.kind !== 'flag') words.push(PLAIN.test(value) ? value : value.includes('\'') ? `"${value}"` : `'${value}'`)
  }
  return `${words.join(' ')}${ambient}`
}

/** The value as it could be typed; undefined where there is none. */
function wordOf(option: Option, value: OptionValue, folder: Pick<Folder, 'read'>): string | undefined {
  if (value === undefined || value === false) return undefined
  switch (option.kind) {
    case 'duration':
      return formatDuration(value as Millis)
    case 'moment':
      return formatInstant(value as Millis)
    case 'path':
      return `${String(value)}@${contentOf(String(value), folder)}`
    default:
      return Array.isArray(value) ? value.join(',') : String(value)
  }
}

function defaultOf(option: Option, folder: Pick<Folder, 'read'>): string | undefined {
  if (!('default' in option) || option.default === undefined) return undefined
  const read = readOption(option, option.default)
  return 'value' in read ? wordOf(option, read.value, folder) : undefined
}

/** Of what there is none it cannot be said what was in it. */
function contentOf(path: string, folder: Pick<Folder, 'read'>): string {
  const bytes = folder.read(path)
  return bytes === undefined ? '0'.repeat(FILE_DIGITS) : sha256Of(bytes).slice(0, FILE_DIGITS)
}

/** The path in a word that {@link madeBy} wrote, and whether there is now something else in the file. */
export function fileOfWord(word: string, folder: Pick<Folder, 'read'>): { readonly path: string; readonly isChanged: boolean } | undefined {
  const [, path, content] = FILE.exec(word) ?? []
  return path === undefined ? undefined : { path, isChanged: contentOf(path, folder) !== content }
}

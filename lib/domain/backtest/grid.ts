/** A grid of back-tests: for each name the values it takes, and one point for every combination. */

/** What varies, by name: an option of the back-test, `TOOL.option`, `vault.PATH`, or `span` as `FROM..TO`. */
export interface Point {
  /** Counts from 0, in the order of the file, the last name going round fastest. */
  readonly place: number
  readonly settings: { readonly [name: string]: string }
}

/** More points than this are a slip of the pen. */
const MOST_POINTS = 100_000
const NAME = /^[a-z][A-Za-z0-9._-]*$/

/** Throws RangeError saying what is wrong with it; `isKnown` says whether a name without a dot is one that may vary. */
export function gridOf(text: string, isKnown: (name: string) => boolean): readonly Point[] {
  const axes = axesIn(text, isKnown)
  const count = axes.reduce((product, [, values]) => product * values.length, 1)
  if (count > MOST_POINTS) throw new RangeError(`${count} points, more than ${MOST_POINTS}`)
  return Array.from({ length: count }, (_, place) => {
    const settings: [string, string][] = []
    let rest = place
    for (const [name, values] of [...axes].reverse()) {
      settings.unshift([name, values[rest % values.length] ?? ''])
      rest = Math.floor(rest / values.length)
    }
    return { place, settings: Object.fromEntries(settings) }
  })
}

function axesIn(text: string, isKnown: (name: string) => boolean): readonly (readonly [string, readonly string[]])[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RangeError(`no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('expected an object of lists, {"NAME": ["VALUE", ...], ...}')
  return Object.entries(value).map(([name, list]: [string, unknown]) => {
    if (!NAME.test(name) || (!name.includes('.') && !isKnown(name))) throw new RangeError(`"${name}" is nothing that may vary`)
    if (!Array.isArray(list) || list.length === 0) throw new RangeError(`"${name}": expected a list of values`)
    const values = list.map((one: unknown) => textOf(name, one))
    if (new Set(values).size !== values.length) throw new RangeError(`"${name}" has a value twice`)
    return [name, values] as const
  })
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  // Options of tools are handed on in a list with commas between.
  if (typeof value === 'string' && value !== '' && !(name.includes('.') && value.includes(','))) return value
  throw new RangeError(`"${name}": expected text without commas, or a number, got ${JSON.stringify(value)}`)
}

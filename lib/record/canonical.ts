/**
 * Canonical JSON after RFC 8785 (JCS): keys in UTF-16 code-unit order, no white space, ECMAScript number format. Two values
 * that say the same give the same bytes; ids are hashes over these bytes.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * `without` names top-level members to leave out. Throws RangeError on NaN or an infinity: they have no JSON, and must never
 * be mistaken for null.
 */
export function canonicalize(value: Json, without?: ReadonlySet<string>): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`a record may not hold ${value}`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      if (value === null) return 'null'
      return isList(value) ? canonicalList(value) : canonicalObject(value, without)
  }
}

// Quotes, backslashes, controls and lone surrogates; JSON.stringify on every string would double the work.
const TO_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/

const quote = (text: string): string => (TO_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`)

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

function canonicalList(values: readonly Json[]): string {
  let text = '['
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + canonicalize(values[i] ?? null)
  return `${text}]`
}

/** Members that are undefined are absent, as in JSON.stringify. */
function canonicalObject(value: { readonly [key: string]: Json | undefined }, without?: ReadonlySet<string>): string {
  let text = ''
  for (const { key, prefix } of sortedKeys(value)) {
    // First, so that what is left out is not worked out.
    if (without?.has(key) === true) continue
    const member = value[key]
    if (member === undefined) continue
    text += (text === '' ? '{' : ',') + prefix + canonicalize(member)
  }
  return text === '' ? '{}' : `${text}}`
}

interface SortedKey {
  readonly key: string
  readonly prefix: string
}

/** Keys in the order in which objects have them, as a tree: where a path ends, the same keys sorted. */
class Path {
  readonly next = new Map<string, Path>()
  sorted: readonly SortedKey[] | undefined
}
const start = new Path()
let paths = 0
const MOST_PATHS = 20_000

/** Records come in few shapes: sorting and quoting their keys anew each time would be most of the work. */
function sortedKeys(value: object): readonly SortedKey[] {
  const keys = Object.keys(value)
  let path = start
  for (const key of keys) {
    let next = path.next.get(key)
    if (next === undefined) {
      if (paths >= MOST_PATHS) return sort(keys)
      paths++
      path.next.set(key, (next = new Path()))
    }
    path = next
  }
  return (path.sorted ??= sort(keys))
}

const sort = (keys: readonly string[]): readonly SortedKey[] => [...keys].sort().map((key) => ({ key, prefix: `${quote(key)}:` }))

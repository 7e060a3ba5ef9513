/** Python's `repr` of dicts, lists, strings, numbers, True, False and None, as logs of Python programs hold it, turned into JSON text. */

const TOKEN = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|\b(?:True|False|None|nan)\b|[^'"TFNn]+|[^]/g
const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null', nan: 'null' }
/** Longer lines are no log lines of anyone. */
const LONGEST = 1_000_000

/** JSON text of the same value, as far as it is one: whoever parses it will say. */
export function jsonOfPython(literal: string): string {
  if (literal.length > LONGEST) return ''
  return literal.replace(TOKEN, (token) => {
    const quote = token[0]
    if (token.length > 1 && (quote === "'" || quote === '"')) return JSON.stringify(unescaped(token.slice(1, -1)))
    return WORDS[token] ?? token
  })
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U000([0-9a-fA-F]{5})|([^]))/g
const PLAIN: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' }

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(ESCAPE, (whole, x?: string, u?: string, long?: string, letter?: string) => {
    const code = x ?? u ?? long
    if (code !== undefined) return codePoint(parseInt(code, 16)) ?? whole
    return PLAIN[letter ?? ''] ?? whole
  })
}

const codePoint = (code: number): string | undefined => (code <= 0x10ffff ? String.fromCodePoint(code) : undefined)

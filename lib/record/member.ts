/**
 * Put one member into the text of a JSON object, every other byte as it was: numbers too long for a double, odd escapes and
 * unknown fields survive, and nothing is serialised again.
 */

const QUOTE = 34, BACKSLASH = 92, OPEN_BRACE = 123, CLOSE_BRACE = 125, OPEN_BRACKET = 91, CLOSE_BRACKET = 93, COMMA = 44

/** `line` is the text of one valid JSON object, `name` a plain key, `json` the member's new value as JSON text. */
export function setMember(line: string, name: string, json: string): string {
  const key = `"${name}"`
  if (line.includes(key)) {
    const span = findMember(line, key)
    if (span !== undefined) return line.slice(0, span.start) + json + line.slice(span.end)
  }
  const end = line.lastIndexOf('}')
  const last = lastInk(line, end)
  return `${line.slice(0, last + 1)}${line.charCodeAt(last) === OPEN_BRACE ? '' : ','}${key}:${json}}`
}

/** The last character before `end` that is no white space. */
function lastInk(line: string, end: number): number {
  let i = end - 1
  while (i > 0 && line.charCodeAt(i) <= 32) i--
  return i
}

/** Where the value of a top-level member stands: from its first character to the comma or brace that ends it. */
function findMember(line: string, key: string): { start: number; end: number } | undefined {
  let depth = 0
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i)
    if (code === QUOTE) {
      const end = endOfString(line, i)
      if (depth === 1 && line.startsWith(key, i) && end === i + key.length - 1) {
        const colon = skipBlanks(line, end + 1)
        if (line[colon] === ':') {
          const start = skipBlanks(line, colon + 1)
          return { start, end: endOfValue(line, start) }
        }
      }
      i = end
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return undefined
}

function endOfString(line: string, open: number): number {
  let i = open + 1
  while (i < line.length && line.charCodeAt(i) !== QUOTE) i += line.charCodeAt(i) === BACKSLASH ? 2 : 1
  return i
}

function skipBlanks(line: string, from: number): number {
  let i = from
  while (line.charCodeAt(i) <= 32) i++
  return i
}

function endOfValue(line: string, start: number): number {
  let depth = 0
  for (let i = start; i < line.length; i++) {
    const code = line.charCodeAt(i)
    if (code === QUOTE) i = endOfString(line, i)
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && depth > 0) depth--
    else if (depth === 0 && (code === COMMA || code === CLOSE_BRACE)) return i
  }
  return line.length
}

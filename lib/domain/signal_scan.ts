/**
 * The few members of a signal that tell whether it is new, found in the text of its line: parsing it would cost several times
 * as much. Only lines as our own writer leaves them are read; of any other nothing is said, and it is to be parsed.
 */
import { ID_DIGITS } from './id_set.ts'

const QUOTE = 34, BACKSLASH = 92, OPEN_BRACE = 123, CLOSE_BRACE = 125, OPEN_BRACKET = 91, CLOSE_BRACKET = 93, COMMA = 44, COLON = 58

const HEAD = '{"kind":"signal","id":"'
/** Where the digits of the id start. */
export const ID_AT = HEAD.length
const AFTER_ID = ID_AT + ID_DIGITS

export class SignalScan {
  knownAt = ''
  key = ''
  subject: string | undefined
  fingerprint: string | undefined

  /**
   * Read a line that holds one valid record. False where anything is out of the ordinary: another order of the first members,
   * blanks between members, an escape in a name or in a member that is wanted, a member given twice.
   */
  read(line: string): boolean {
    this.knownAt = ''
    this.key = ''
    this.subject = undefined
    this.fingerprint = undefined
    // A name may hide in \u escapes; no other escape can stand for a letter.
    if (!line.startsWith(HEAD) || line.charCodeAt(AFTER_ID) !== QUOTE || line.includes('\\u')) return false
    let i = AFTER_ID + 1
    while (line.charCodeAt(i) === COMMA) {
      i = this.#member(line, i + 1)
      if (i === -1) return false
    }
    return line.charCodeAt(i) === CLOSE_BRACE && i === line.length - 1 && this.knownAt !== '' && this.key !== ''
  }

  /** Read the member that starts here; where it ends, or -1. */
  #member(line: string, open: number): number {
    if (line.charCodeAt(open) !== QUOTE) return -1
    const close = line.indexOf('"', open + 1)
    if (close === -1 || line.charCodeAt(close - 1) === BACKSLASH || line.charCodeAt(close + 1) !== COLON) return -1
    const from = close + 2
    const end = endOfValue(line, from)
    if (end === -1 || !wanted(close - open - 1)) return end
    return this.#note(line, line.slice(open + 1, close), from, end) ? end : -1
  }

  #note(line: string, name: string, from: number, end: number): boolean {
    switch (name) {
      case 'known_at':
        if (this.knownAt !== '') return false
        this.knownAt = plain(line, from, end)
        return this.knownAt !== ''
      case 'key':
        if (this.key !== '') return false
        this.key = plain(line, from, end)
        return this.key !== ''
      case 'subject':
        if (this.subject !== undefined) return false
        this.subject = plain(line, from, end)
        return this.subject !== ''
      case 'fingerprint':
        if (this.fingerprint !== undefined) return false
        this.fingerprint = plain(line, from, end)
        return this.fingerprint !== ''
      case 'id':
      case 'kind':
        return false
      default:
        return true
    }
  }
}

/** Whether a name of this length may be one that is wanted, or one that may not come twice. */
const wanted = (length: number): boolean => length === 8 || length === 3 || length === 7 || length === 11 || length === 2 || length === 4

/** The text of a string value without escapes, or '' where it is anything else. */
function plain(line: string, from: number, end: number): string {
  if (line.charCodeAt(from) !== QUOTE) return ''
  const text = line.slice(from + 1, end - 1)
  return text.includes('\\') ? '' : text
}

/** The position after a value, or -1 where it is none. */
function endOfValue(line: string, from: number): number {
  const code = line.charCodeAt(from)
  if (code === QUOTE) return endOfString(line, from)
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return endOfNested(line, from)
  let i = from
  for (; i < line.length; i++) {
    const c = line.charCodeAt(i)
    if (c === COMMA || c === CLOSE_BRACE) return i === from ? -1 : i
    if (c <= 32 || c === QUOTE || c === COLON) return -1
  }
  return -1
}

function endOfString(line: string, open: number): number {
  for (let close = line.indexOf('"', open + 1); close !== -1; close = line.indexOf('"', close + 1)) {
    let backslashes = 0
    while (line.charCodeAt(close - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return close + 1
  }
  return -1
}

function endOfNested(line: string, open: number): number {
  let depth = 0
  for (let i = open; i < line.length; i++) {
    const code = line.charCodeAt(i)
    if (code === QUOTE) {
      i = endOfString(line, i) - 1
      if (i < 0) return -1
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return i + 1
  }
  return -1
}

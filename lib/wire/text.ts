/**
 * Bytes from outside as text. What a payload says of its own encoding is a hint: the byte order mark is believed, then the XML
 * declaration, then the content type of the answer (authors know what they write; servers add a default), each as far as the
 * bytes agree. The names and tables of encodings are those of WHATWG (https://encoding.spec.whatwg.org/), as TextDecoder has them.
 */
import { guessEncoding } from './encoding_guess.ts'

export interface Decoded {
  readonly text: string
  /** Name of the encoding, in lower case. */
  readonly encoding: string
  /** What told it: `guess` where nothing did and the bytes are no UTF-8. */
  readonly by: 'mark' | 'declared' | 'utf-8' | 'guess'
  /** Some bytes had no meaning in the encoding, and stand as U+FFFD. */
  readonly damaged: boolean
}

/** The text, whatever it takes: see {@link decode}. */
export const textOf = (bytes: Buffer, contentType?: string): string => decode(bytes, contentType).text

/** Without its end, trimmed: where a table has its header. */
export const firstLineOf = (text: string): string => text.slice(0, text.indexOf('\n') < 0 ? text.length : text.indexOf('\n')).trim()

/** Never throws. The byte order mark is no part of the text. */
export function decode(bytes: Buffer, contentType?: string): Decoded {
  const wide = wideText(bytes)
  if (wide !== undefined) return wide
  const mark = markOf(bytes)
  if (mark !== undefined) return loosely(bytes, mark, 'mark')
  const declared = [declaredIn(bytes), charsetOf(contentType)].flatMap((name) => (name === undefined ? [] : [usable(name)]))
  const valid = strictly(bytes, 'utf-8')
  for (const name of declared) {
    // Western text that is valid UTF-8 beyond ASCII is UTF-8, whatever was declared: by chance it would not be.
    if (name === undefined || name === 'utf-8' || (name === 'windows-1252' && valid !== undefined)) continue
    const text = strictly(bytes, name)
    if (text !== undefined) return { text, encoding: name, by: 'declared', damaged: false }
  }
  if (valid !== undefined) return { text: valid, encoding: 'utf-8', by: declared.includes('utf-8') ? 'declared' : 'utf-8', damaged: false }
  const utf8 = loosely(bytes, 'utf-8', declared.includes('utf-8') ? 'declared' : 'utf-8')
  return mostlySound(utf8.text) ? utf8 : loosely(bytes, guessEncoding(bytes), 'guess')
}

/** UTF-16 and UTF-8 by their mark; UTF-16 without one by the zero bytes around the `<` or `{` that a payload begins with. */
function markOf(bytes: Buffer): string | undefined {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (OPENING.has(a ?? 0) && b === 0 && c !== 0 && d === 0) return 'utf-16le'
  return a === 0 && OPENING.has(b ?? 0) && c === 0 && d !== 0 ? 'utf-16be' : undefined
}

/** UTF-32, which TextDecoder does not know: by its mark, or by the three zeros beside the first character. */
function wideText(bytes: Buffer): Decoded | undefined {
  const first = bytes.length < 4 ? 0 : bytes.readUInt32BE(0)
  const isBig = first === 0xfeff || OPENING.has(first)
  const isLittle = first === 0xfffe0000 || ((first & 0xffffff) === 0 && OPENING.has(first >>> 24))
  if (!isBig && !isLittle) return undefined
  const parts: string[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
    parts.push(code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : String.fromCodePoint(code))
  }
  const text = parts.join('').replace(/^\ufeff/, '')
  return { text, encoding: isBig ? 'utf-32be' : 'utf-32le', by: 'mark', damaged: text.includes('\ufffd') }
}

/** `<`, `{` and `[`. */
const OPENING: ReadonlySet<number> = new Set([0x3c, 0x7b, 0x5b])

/** So much of the beginning is searched for a declaration, in bytes. */
const PROLOG = 2048

function declaredIn(bytes: Buffer): string | undefined {
  const prolog = bytes.toString('latin1', 0, PROLOG)
  const xml = /<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']/i.exec(prolog)?.[1]
  if (xml !== undefined) return xml
  const isPage = /^\s*<(?:!doctype\s+html|html|head|meta)\b/i.test(prolog)
  return isPage ? /<meta\s[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})/i.exec(prolog)?.[1] : undefined
}

/** `text/xml; charset="windows-1251"` → `windows-1251`. */
const charsetOf = (contentType: string | undefined): string | undefined => /;\s*charset\s*=\s*["']?([^"';\s]+)/i.exec(contentType ?? '')?.[1]

/** The encoding's own name; undefined where there is none such. Whoever could be read this far is no UTF-16. */
function usable(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(label.trim())
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding
  } catch {
    return undefined
  }
}

function strictly(bytes: Buffer, encoding: string): string | undefined {
  try {
    return mended(new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding)
  } catch {
    return undefined
  }
}

/** What windows-1252 has from 0x80 to 0x9f; five of them are nothing. */
const WESTERN = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ'

/** The character that somebody meant by a control of 0x80 to 0x9f; nothing for the five that are none. */
export const westernOf = (control: string): string => (WESTERN[control.charCodeAt(0) - 0x80] ?? '').replace('\0', '')

/** Some versions of Node take windows-1252 for ISO 8859-1, which has controls where quotes and dashes should be. */
const mended = (text: string, encoding: string): string => (encoding === 'windows-1252' ? text.replace(/[\x80-\x9f]/g, westernOf) : text)

function loosely(bytes: Buffer, encoding: string, by: Decoded['by']): Decoded {
  const text = mended(new TextDecoder(encoding).decode(bytes), encoding)
  return { text, encoding, by, damaged: text.includes('\ufffd') }
}

/** UTF-8 with a little damage, such as a character cut in two, has more good characters beyond ASCII than bad ones. */
function mostlySound(text: string): boolean {
  let good = 0, bad = 0
  for (const [character] of text.matchAll(/[^\0-\x7f]/gu)) {
    if (character === '\ufffd') bad++
    else good++
  }
  return good >= bad
}

/**
 * The few members of a signal that tell whether it is new, found in the text of its line: parsing it would cost several times
 * as much. Only lines as our own writer leaves them are read; of any other nothing is said, and it is to be parsed.
 */
import { ID_DIGITS, type Span } from '../lookup/word_map.ts'

const QUOTE = 34, BACKSLASH = 92, CLOSE_BRACE = 125

const HEAD = '{"kind":"signal","id":"'
/** Where the digits of the id start. */
export const ID_AT = HEAD.length
const AFTER_ID = ID_AT + ID_DIGITS

/** One string member, where the line has it. */
class MemberSpan implements Span {
  readonly #name: string
  readonly #inPlace: string
  text = ''
  from = 0
  to = 0

  constructor(name: string) {
    this.#name = `${name}"`
    this.#inPlace = `,"${name}":"`
  }

  get present(): boolean {
    return this.text !== ''
  }

  /** Take all of a text; none at all where it is undefined. */
  whole(text = ''): void {
    this.text = text
    this.from = 0
    this.to = text.length
  }

  /**
   * Find the member after the id and before `brace`, where no object but the record itself is open. False where its name stands
   * anywhere else, or otherwise than our writer puts it: it may then be the name of something else, or the end of some text.
   */
  find(line: string, brace: number): boolean {
    this.whole()
    const at = line.indexOf(this.#name, AFTER_ID)
    if (at === -1) return true
    if (at > brace || !line.startsWith(this.#inPlace, at - 2)) return false
    const from = at - 2 + this.#inPlace.length
    const to = line.indexOf('"', from)
    if (to <= from) return false
    this.text = line
    this.from = from
    this.to = to
    return true
  }

  /** Whether it stands for itself, without escapes. */
  get plain(): boolean {
    for (let i = this.from; i < this.to; i++) if (this.text.charCodeAt(i) === BACKSLASH) return false
    return true
  }
}

export class SignalScan {
  readonly knownAt = new MemberSpan('known_at')
  readonly key = new MemberSpan('key')
  readonly subject = new MemberSpan('subject')
  readonly fingerprint = new MemberSpan('fingerprint')

  /**
   * Read a line that holds one valid record, no member of it twice (RFC 7493). False where anything is out of the ordinary: other
   * first members, a wanted one with blanks about it, with an escape in it, behind or within an object.
   */
  read(line: string): boolean {
    if (!line.startsWith(HEAD) || line.charCodeAt(AFTER_ID) !== QUOTE) return false
    if (line.charCodeAt(line.length - 1) !== CLOSE_BRACE) return false
    // A name may hide in \u escapes; no other escape can stand for a letter.
    const escapes = line.includes('\\')
    if (escapes && line.includes('\\u')) return false
    const first = line.indexOf('{', AFTER_ID)
    const brace = first === -1 ? line.length : first
    const { knownAt, key, subject, fingerprint } = this
    if (!knownAt.find(line, brace) || !key.find(line, brace)) return false
    if (!subject.find(line, brace) || !fingerprint.find(line, brace)) return false
    if (!knownAt.present || !key.present) return false
    return !escapes || (knownAt.plain && key.plain && subject.plain && fingerprint.plain)
  }
}

/** Words that must not be read by people: whatever text holds one of them is shown without it. */

/** What is put in their place. */
export const REDACTED = '[redacted]'
/** Shorter ones stand in too many words that are none. */
const SHORTEST = 4
/** Entries that say where files stand, or how to speak to a server: an error must be able to name them. */
const OPEN = /^(?:approle|namespace|(?:redis|kafka|vault)_(?:ca|cert|key|crl|mechanism))$/

export class Redaction {
  /** The longest first: one may be a part of another. */
  #hidden: readonly string[] = []
  #sought: RegExp | undefined

  /** From now on these values are not shown, in no form in which they travel: as they are, or as JSON, in an address, in base64. */
  hide(secrets: Readonly<Record<string, string>>): void {
    const forms = new Set(this.#hidden)
    for (const [name, value] of Object.entries(secrets)) {
      if (OPEN.test(name) || value.length < SHORTEST) continue
      for (const form of formsOf(value)) forms.add(form)
    }
    this.#hidden = [...forms].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    this.#sought = forms.size === 0 ? undefined : new RegExp(this.#hidden.map(literal).join('|'), 'gu')
  }

  /** The text without them. */
  of(text: string): string {
    return this.#sought === undefined ? text : text.replace(this.#sought, REDACTED)
  }

  /** Bytes in UTF-8, or none: all others stay as they are. The same bytes where there is nothing to hide. */
  ofBytes(bytes: Buffer): Buffer {
    const found = this.#hidden.filter((form) => bytes.includes(form))
    if (found.length === 0) return bytes
    const shown = found.reduce((text, form) => text.replaceAll(Buffer.from(form).toString('latin1'), REDACTED), bytes.toString('latin1'))
    return Buffer.from(shown, 'latin1')
  }
}

/** As it is, in JSON, in the address of a request (a part of it, a form, and as parsers of addresses write it), in base64. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value), text = bytes.toString()
  const inForm = new URLSearchParams({ v: text }).toString().slice('v='.length), address = new URL('http://x/')
  address.search = text
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(text), inForm, address.search.slice(1), bytes.toString('base64')]
    .filter((form) => form.length >= SHORTEST)
}

/** As a regular expression that finds the text itself. */
const literal = (text: string): string => text.replace(/[^\w]/gu, (mark) => `\\u{${mark.codePointAt(0)?.toString(16) ?? ''}}`)

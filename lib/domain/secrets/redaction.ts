/** Words that must not be read by people: whatever text holds one of them is shown without it. */

/** What is put in their place. */
export const REDACTED = '[redacted]'
/** Shorter ones stand in too many words that are none. */
const SHORTEST = 4
/** Entries that say where files stand, or how to speak to a server: an error must be able to name them. */
const OPEN = /^(?:redis|kafka|vault)_(?:ca|cert|key|crl|mechanism)$/

export class Redaction {
  readonly #hidden = new Set<string>()
  #sought: RegExp | undefined

  /** From now on these values are not shown, in no form in which they travel: as they are, or as JSON, in an address, in base64. */
  hide(secrets: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(secrets)) {
      if (OPEN.test(name) || value.length < SHORTEST) continue
      const bytes = Buffer.from(value)
      for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(bytes.toString()), bytes.toString('base64')]) this.#hidden.add(form)
    }
    // The longest first: one may be a part of another.
    const forms = [...this.#hidden].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    this.#sought = forms.length === 0 ? undefined : new RegExp(forms.map(literal).join('|'), 'gu')
  }

  /** The text without them. */
  of(text: string): string {
    return this.#sought === undefined ? text : text.replace(this.#sought, REDACTED)
  }
}

/** As a regular expression that finds the text itself. */
const literal = (text: string): string => text.replace(/[^\w]/gu, (mark) => `\\u{${mark.codePointAt(0)?.toString(16) ?? ''}}`)

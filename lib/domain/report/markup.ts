/**
 * HTML from templates in which whatever is put in is escaped, unless it came from such a template itself: text out of records
 * cannot become markup by being forgotten.
 */

/** HTML text. Made by {@link html} and {@link verbatim} only. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template; nothing (undefined, null, false) leaves no trace. Numbers must be finite. */
export type Part = Markup | string | number | undefined | null | false | readonly Part[]

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
/** What no HTML text may hold, escaped or not: control characters, and halves of surrogate pairs. */
const UNTEXTUAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Cs}|[\ufffe\uffff]/gu
/** Marks that turn the direction of the text around them: a name must not rearrange the sentence it stands in. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text for the inside of an element or of a quoted attribute. */
export function escaped(text: string): string {
  return text.replace(UNTEXTUAL, '\ufffd').replace(TURNING, '').replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
}

/**
 * Attributes in a template must be quoted. A line break in a template leaves no trace, nor do the blanks after it: templates
 * can be laid out to be read. Throws RangeError on a number that is not finite: it would be read as a figure.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const strings = stringsOf(template)
  let text = strings[0] ?? ''
  for (let i = 0; i < parts.length; i++) text += textOf(parts[i]) + (strings[i + 1] ?? '')
  return new Markup(text)
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>()

function stringsOf(template: TemplateStringsArray): readonly string[] {
  let strings = known.get(template)
  if (strings === undefined) known.set(template, (strings = template.map((text) => text.replace(/\n\s*/g, ''))))
  return strings
}

function textOf(part: Part): string {
  if (part === undefined || part === null || part === false) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'string') return escaped(part)
  if (typeof part === 'number') {
    if (!Number.isFinite(part)) throw new RangeError(`a report may not show ${part}`)
    return String(part)
  }
  return part.map(textOf).join('')
}

/** Text that is HTML, CSS or script already. Only for constants of this program, never for anything out of a record. */
export const verbatim = (text: string): Markup => new Markup(text)

/** Titles and bodies of feeds as plain text: RSS does not say whether they are text, escaped HTML or markup, Atom does. */
import { decodeEntities, textOfHtml, withoutControls } from '../html_text.ts'
import { stated } from './model.ts'
import { elementsIn, markupIn, textIn, type Element } from './xml.ts'

/** Tags that authors put into titles. Others that stand in one are part of what it says: `Use of <script>`. */
const INLINE = /<\/?(?:a|abbr|b|big|br|cite|code|del|em|font|i|img|ins|mark|p|q|s|small|span|strike|strong|sub|sup|tt|u|wbr)(?:\s[^<>]*)?\/?>/gi

/** A title, in which RSS allows no markup and everyone writes some, often escaped twice. */
export function plainTitle(text: string | undefined): string | undefined {
  return stated(withoutControls(decodeEntities((text ?? '').replace(INLINE, '')).replace(/\s+/g, ' ')))
}

/** HTML of a body that may be escaped text, CDATA or elements. */
export const htmlIn = (element: Element): string => (elementsIn(element).length > 0 ? markupIn(element) : textIn(element))

export const proseOf = (html: string | undefined): string | undefined => stated(textOfHtml(html ?? ''))

/** An Atom text construct or content (RFC 4287, 3.1 and 4.1.3), of Atom 0.3 too. */
export function atomHtml(element: Element): string | undefined {
  const { type = 'text', mode } = element.attributes
  if (mode === 'base64' || !/^(text|html|xhtml|.*[/+](plain|html|xml))$/i.test(type)) return undefined
  if (elementsIn(element).length > 0) return markupIn(element)
  const text = textIn(element)
  return /html/i.test(type) ? text : text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** A post's body as what its author wrote, and what it quotes of others. */
import { find, findAll, linksIn, readText, selector, type Selector } from '../html_select.ts'
import type { HtmlElement } from '../html_tree.ts'
import { NOT_WRITTEN } from './layouts.ts'

export interface Quote {
  /** Who is quoted, as the quote says. */
  readonly of?: string
  /** The number of the quoted post, where the quote says it. */
  readonly post?: string
  readonly text?: string
}

export interface Written {
  readonly text: string | undefined
  readonly quotes: readonly Quote[]
  readonly links: readonly string[]
}

const QUOTE = selector([
  'blockquote', 'aside.quote', '.bbCodeQuote', '.bbCodeBlock--quote', '.quotecontent', '.bbcode_quote', '.quotebox', '.UserQuote', 'td.quote',
  '[id^=post_message_] td.alt2',
].join(', '))
/** What introduces a quote from just before it. */
const INTRODUCTION = selector('.quotetitle, .quoteheader, .bbcode_description, span.genmed')
const ATTRIBUTION = selector([
  'cite', '.attribution', '.bbCodeBlock-title', '.bbcode_postedby', '.quotetitle', '.quoteheader', '.topslice_quote', '.ipsQuote_citation',
  'aside.quote .title', '.QuoteAuthor',
].join(', '))
const NAMES = ['data-author', 'data-quote', 'data-username', 'data-ipsquote-username'] as const
const notWritten = selector(NOT_WRITTEN)
const notOwn: Selector = (element) => QUOTE(element) || INTRODUCTION(element) || notWritten(element)
const notQuoted: Selector = (element) => QUOTE(element) || ATTRIBUTION(element) || notWritten(element)

/** So many quotes of one post are told. */
const MOST_QUOTES = 100

/** The body itself may be a blockquote, as vBulletin has it: quotes are those within. */
export function readBody(body: HtmlElement): Written {
  const quotes: Quote[] = []
  let wrapper: HtmlElement | undefined
  for (const element of findAll(body, QUOTE, undefined, MOST_QUOTES)) {
    const quote = quoteOf(element)
    const outer = quotes[quotes.length - 1]
    // A frame that says whose words are in the quote within.
    if (wrapper !== undefined && outer !== undefined && outer.text === undefined && quote.of === undefined && isWithin(element, wrapper)) {
      quotes[quotes.length - 1] = { ...outer, ...quote }
    } else quotes.push(quote)
    wrapper = element
  }
  const said = quotes.filter(({ text, of }) => text !== undefined || of !== undefined)
  return { text: readText(body, notOwn), quotes: said, links: linksIn(body, notOwn) }
}

function isWithin(element: HtmlElement, outer: HtmlElement): boolean {
  for (let at = element.parent; at !== undefined; at = at.parent) if (at === outer) return true
  return false
}

/** A quote within a quote is one of its own. */
function quoteOf(quote: HtmlElement): Quote {
  const attribution = find(quote, ATTRIBUTION, QUOTE) ?? before(quote, INTRODUCTION) ?? above(quote)
  const of = NAMES.map((name) => quote.attributes[name]).find((name) => name !== undefined && name !== '') ?? nameIn(attribution)
  const post = /^post:\s*(\d+)/.exec(quote.attributes['data-source'] ?? '')?.[1] ?? postIn(attribution)
  const stated = readText(quote, notQuoted)
  const [, speaker, spoken] = (of === undefined ? SPOKEN.exec(stated ?? '') : null) ?? [undefined, of, stated]
  return { ...(speaker !== undefined && { of: speaker }), ...(post !== undefined && { post }), ...(spoken !== undefined && { text: spoken }) }
}

/** Words without a mark of their own that say who is quoted: the first line of a quote in vBulletin 3. */
const SPOKEN = /^(?:Originally Posted by|Zitat von|Envoyé par)\s+([^\n]{1,200})(?:\n+([\s\S]+))?$/

const BOLD = selector('strong, b')
const LINK = selector('a[href]')
const SAID = /\s*(?:wrote|said|schrieb|hat geschrieben|a écrit|escribió|ha scritto|schreef|написала?)?\s*:?\s*\u2191?\s*$/i
const QUOTE_OF = /^(?:Quote from|Quote|Originally Posted by|Zitat von|Zitat|Citation|Envoyé par):?\s*/i

function nameIn(attribution: HtmlElement | undefined): string | undefined {
  if (attribution === undefined) return undefined
  const name = readText(find(attribution, BOLD) ?? attribution)?.slice(0, 200).replace(SAID, '').replace(QUOTE_OF, '').trim()
  return name === '' ? undefined : name
}

function postIn(attribution: HtmlElement | undefined): string | undefined {
  for (const link of attribution === undefined ? [] : findAll(attribution, LINK)) {
    const post = /(?:#post-?|#p|[?&]p=|#msg|[?&]pid=)(\d+)/.exec(link.attributes['href'] ?? '')?.[1]
    if (post !== undefined) return post
  }
  return undefined
}

const CAPTION = selector('span.genmed')

/** In tables the words that introduce a quote stand in the row above it. */
function above(quote: HtmlElement): HtmlElement | undefined {
  const table = quote.name === 'td' ? quote.parent?.parent : undefined
  return table === undefined ? undefined : find(table, CAPTION, QUOTE)
}

/** The element just before, if it is one of these. */
function before(element: HtmlElement, wanted: Selector): HtmlElement | undefined {
  const siblings = element.parent?.children ?? []
  for (let i = siblings.indexOf(element) - 1; i >= 0; i--) {
    const sibling = siblings[i]
    if (typeof sibling === 'object') return wanted(sibling) ? sibling : undefined
    if (sibling?.trim() !== '') return undefined
  }
  return undefined
}

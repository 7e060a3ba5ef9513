/** Articles of whatever service as signals of type `article`. */
import type { Json, Signal } from '#record'
import { contentKey } from '../sec/facts.ts'
import { firstDate, type Dated } from '../feed/model.ts'
import { happened, type Facts, type Hearing } from '../signal.ts'
import { datingOf, instantOf } from './dating.ts'

export interface Article {
  /** `news/cnbc.com`: service and stream. */
  readonly source: string
  readonly key: string
  readonly title?: string | undefined
  readonly summary?: string | undefined
  readonly text?: string | undefined
  readonly link?: string | undefined
  readonly authors?: readonly string[] | undefined
  readonly categories?: readonly string[] | undefined
  readonly language?: string | undefined
  /** Stock symbols that it was tagged with. */
  readonly tickers?: readonly string[] | undefined
  readonly published: Dated | undefined
  readonly updated?: Dated | undefined
  /** When the feed around it was built. */
  readonly built?: Dated | undefined
  readonly more?: Facts
}

/** Text beyond is cut off. */
const LONGEST = 100_000

export function articleSignal(article: Article, { by, heardMs }: Hearing): Signal {
  const { source, key, published, updated, built, language } = article
  const { atMs, dated, statedDate } = datingOf([published, updated], built, heardMs)
  const changed = instantOf(updated, heardMs)
  const tickers = article.tickers?.map(tickerOf).filter((ticker) => ticker !== undefined) ?? []
  const [author] = article.authors ?? []
  const service = key.slice(0, key.indexOf(':'))
  const isCut = (article.text?.length ?? 0) > LONGEST
  return happened({
    type: 'article', key, source, atMs, knownMs: heardMs,
    subject: tickers.length === 1 ? `ticker:${tickers[0] ?? ''}` : undefined,
    author: author === undefined ? undefined : `${service}:${author}`,
    language: languageOf(language),
    facts: {
      title: article.title,
      summary: article.summary === article.text ? undefined : shortened(article.summary),
      text: shortened(article.text),
      cut: isCut ? true : undefined,
      link: article.link,
      authors: several(article.authors),
      categories: listed(article.categories),
      // One alone is the subject.
      tickers: tickers.length > 1 ? listed(tickers) : undefined,
      updated: changed !== undefined && Date.parse(changed) > atMs ? changed : undefined,
      dated, stated_date: statedDate,
      ...article.more,
    },
  }, by)
}

/** Not cut within a character of two code units. */
const shortened = (text: string | undefined): string | undefined =>
  text === undefined || text.length <= LONGEST ? text : text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')

const listed = (texts: readonly string[] | undefined): Json | undefined => (texts === undefined || texts.length === 0 ? undefined : [...texts])
/** The first is the author. */
const several = (texts: readonly string[] | undefined): Json | undefined => (texts === undefined || texts.length < 2 ? undefined : [...texts])

/** `en-us`; undefined for what is no tag of a language. */
function languageOf(tag: string | undefined): string | undefined {
  return tag !== undefined && /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/.test(tag) ? tag.toLowerCase().replaceAll('_', '-') : undefined
}

/** `AAPL`, `BRK.B`; undefined for what is no symbol. */
function tickerOf(symbol: string): string | undefined {
  const bare = symbol.trim().replace(/^\$/, '').toUpperCase()
  return /^[A-Z0-9][A-Z0-9.\-/:]{0,14}$/.test(bare) ? bare : undefined
}

export const dateOf = (text: string | undefined): Dated | undefined => firstDate([text])

/** The host of an address without `www.`; undefined where it is none. */
export function hostOf(address: string | undefined): string | undefined {
  const host = /^https?:\/\/(?:[^/@?#]*@)?([^/:?#]+)/i.exec(address ?? '')?.[1]?.toLowerCase().replace(/^www\./, '')
  return host !== undefined && /^[\p{L}\p{N}.-]+$/u.test(host) ? host : undefined
}

/** A key for what has neither id nor address: its own words. */
export const wordsKey = (title: string | undefined, text: string | undefined): string => `sha256:${contentKey(`${title ?? ''}\n${text ?? ''}`)}`

/**
 * EDGAR asked politely: the feed of current filings by form, or the lists of some companies, and the filings behind them. Each filing is
 * read from its submission text: one request has all documents and the moment of acceptance. The cursor is saved after each.
 */
import type { Millis, Signal, Vanta } from '#record'
import { DAY_MS, HOUR_MS, millisOf } from '#record'
import { Failure } from '#port/failure'
import type { Clock } from '#port/clock'
import type { Log } from '#port/log'
import type { Answer, Cursor, Http, Validators } from '#port/outside'
import { textOf } from '../text.ts'
import { parseExact } from '../json_exact.ts'
import { Backlog, type Wanted } from './backlog.ts'
import { feedStampsIn, type FeedStamp } from './feed.ts'
import { fetchFiling, Missing, WWW } from './archive.ts'
import { listingsIn } from './listings.ts'
import { isHtml, titleOf } from './pages.ts'
import { submissionsIn } from './submissions.ts'
import { isWanted } from './notice.ts'

/** What of the world it needs. */
export interface Asking {
  readonly http: Pick<Http, 'get'>
  readonly log: Log
  readonly clock: Clock
  cursor(stream: string): Cursor
  read(answers: readonly Answer[]): AsyncIterable<Vanta>
}

export const DATA = 'https://data.sec.gov'

const PER_PAGE = 100
/** The feed goes back a few days: some 50 pages of a busy form. */
const MOST_PAGES = 150

/** Whether a form belongs to one of the families that are asked for: `4` has 4 and 4/A, `13F` all reports and notices. */
const isOf = (family: string, form: string): boolean =>
  isWanted(form) && (family === '13F' ? form.startsWith('13F') : form.replace('/A', '') === family)

/** 13F reports accepted in the evening are given out on the next morning; ownership forms at once. */
const overlapOf = (family: string): Millis => (family === '13F' ? DAY_MS : HOUR_MS)

/** Broken or missing by itself: what comes after it may be sound. */
const isOfItsOwn = (error: unknown): error is Failure => error instanceof Missing || (error instanceof Failure && error.exit === 'data')

/** One poll of the current feed for each form, and the filings that are new. What fails of one form does not keep the others. */
export async function* currentFilings(families: readonly string[], asking: Asking): AsyncGenerator<Vanta> {
  let failure: Failure | undefined
  for (const family of families) {
    try {
      yield* currentOf(family, asking)
    } catch (error) {
      if (!isOfItsOwn(error)) throw error
      if (failure !== undefined) asking.log.error(failure.message)
      failure = error
    }
  }
  if (failure !== undefined) throw failure
}

async function* currentOf(family: string, asking: Asking): AsyncGenerator<Vanta> {
  const cursor = asking.cursor(`current/${family}`)
  const backlog = new Backlog(cursor.state, overlapOf(family))
  const { pages, validators } = await pagesOf(family, backlog, asking)
  yield* filingsBehind(pages, ({ facts }) => isOf(family, String(facts?.['document_type'])), backlog, cursor, asking)
  await rememberPage(validators, backlog, cursor)
}

/** The next request for a page can be conditional once nothing that it led to is left to do. */
async function rememberPage(validators: Validators | undefined, backlog: Backlog, cursor: Cursor): Promise<void> {
  if (backlog.pending.length > 0 || (validators?.etag === undefined && validators?.lastModified === undefined)) return
  backlog.validators = validators
  await cursor.save(backlog.state)
}

/**
 * The pages of the feed that name new filings. They are asked for newest first, until one has nothing new; past the end comes an HTML
 * page with status 200.
 */
async function pagesOf(family: string, backlog: Backlog, { http }: Asking): Promise<{ pages: Answer[]; validators?: Validators }> {
  const pages: Answer[] = []
  const seen = new Set<string>()
  let validators: Validators | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const url = `${WWW}/cgi-bin/browse-edgar?action=getcurrent&count=${PER_PAGE}&start=${page * PER_PAGE}&type=${family}&owner=include&output=atom`
    const answer = await http.get({ url, accepts: [404], validators: page === 0 ? backlog.validators : undefined })
    if (answer.status === 304) break
    if (page === 0 && answer.status === 404) throw new Missing(url)
    const text = textOf(answer.bytes, answer.headers['content-type'])
    if (page > 0 && (answer.status === 404 || isHtml(text.trimStart()))) break
    if (isHtml(text.trimStart())) throw new Failure('data', `${answer.url}: an HTML page (${titleOf(text)}) where the feed was expected`)
    if (page === 0) validators = answer.validators
    const stamps = stampsIn(text, answer.url)
    // Whoever reads it says what is wrong with it, and keeps it.
    if (stamps === undefined) return { pages: [answer] }
    if (stamps.some((stamp) => isOf(family, stamp.form) && backlog.isNew(stamp))) pages.push(answer)
    if (!leadsOn(stamps, family, seen, backlog)) break
  }
  return { pages, ...(validators !== undefined && { validators }) }
}

function stampsIn(text: string, name: string): FeedStamp[] | undefined {
  try {
    return feedStampsIn(text, name)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** Whether the page after this one may have something new. */
function leadsOn(stamps: readonly FeedStamp[], family: string, seen: Set<string>, backlog: Backlog): boolean {
  const before = seen.size
  for (const { accession } of stamps) seen.add(accession)
  if (seen.size === before) return false
  const wanted = stamps.filter(({ form }) => isOf(family, form))
  if (wanted.some((stamp) => backlog.isNew(stamp))) return true
  const { horizonMs } = backlog
  return wanted.length === 0 && (horizonMs === undefined || stamps.some(({ acceptedMs }) => acceptedMs >= horizonMs))
}

/** The filings of some companies and people, as far back as `sinceMs`, or as their main lists go. */
export async function* filingsOf(
  ciks: readonly string[], families: readonly string[], sinceMs: Millis | undefined, asking: Asking,
): AsyncGenerator<Vanta> {
  for (const cik of ciks) {
    const name = `CIK${cik.padStart(10, '0')}`
    const cursor = asking.cursor(`submissions/${name}${sinceMs === undefined ? '' : `/${sinceMs}`}/${families.join('+')}`)
    const backlog = new Backlog(cursor.state, HOUR_MS)
    const first = await asking.http.get({ url: `${DATA}/submissions/${name}.json`, validators: backlog.validators })
    const pages = first.status === 304 ? [] : [first, ...await olderPages(first, sinceMs, asking)]
    const wanted = ({ at, facts }: Signal): boolean =>
      families.some((family) => isOf(family, String(facts?.['document_type']))) && (sinceMs === undefined || millisOf(at) >= sinceMs)
    yield* filingsBehind(pages, wanted, backlog, cursor, asking, cik)
    if (first.status !== 304) await rememberPage(first.validators, backlog, cursor)
  }
}

async function olderPages(first: Answer, sinceMs: Millis | undefined, { http }: Asking): Promise<Answer[]> {
  const list = submissionsIn(parseExact(textOf(first.bytes), first.url))
  if (list === undefined) throw new Failure('data', `${first.url}: no list of filings`)
  if (sinceMs === undefined) return []
  const pages: Answer[] = []
  for (const { name, lastDay } of list.older) {
    if (!/^CIK\d{10}-submissions-\d{3}\.json$/.test(name) || (lastDay !== undefined && Date.parse(lastDay) + DAY_MS < sinceMs)) continue
    pages.push(await http.get({ url: `${DATA}/submissions/${name}` }))
  }
  return pages
}

/** Every new filing that the pages name, oldest first: word of it, then what it says. */
async function* filingsBehind(
  pages: readonly Answer[], wanted: (notice: Signal) => boolean, backlog: Backlog, cursor: Cursor, asking: Asking, cik?: string,
): AsyncGenerator<Vanta> {
  const notices: Signal[] = []
  if (pages.length > 0) for await (const record of asking.read(pages)) if (record.kind === 'signal' && wanted(record)) notices.push(record)
  const nowMs = asking.clock.now()
  const fresh = notices.map((notice) => ({ notice, ...wantedBy(notice, cik, nowMs) })).filter((each) => backlog.isNew(each))
  fresh.sort((a, b) => a.acceptedMs - b.acceptedMs)
  let failure: Failure | undefined
  for (const each of [...backlog.pending.map((filing) => ({ notice: undefined, ...filing })), ...fresh]) {
    const { notice, ...filing } = each
    if (notice !== undefined) yield notice
    try {
      yield* asking.read(await fetchFiling(filing, asking.http))
      backlog.do(filing)
    } catch (error) {
      if (!isOfItsOwn(error)) throw error
      if (failure !== undefined) asking.log.error(failure.message)
      failure = error
      if (!backlog.fail(filing)) asking.log.error(`${filing.accession}: given up after several rounds`)
    }
    await cursor.save(backlog.state)
  }
  if (failure !== undefined) throw failure
}

/** A clock that is ahead must not move the stream beyond now, where all that follows would be taken for old. */
function wantedBy({ key, at, facts }: Signal, cik: string | undefined, nowMs: Millis): Wanted {
  const linked = /\/data\/(\d{1,10})\//.exec(String(facts?.['link'] ?? ''))?.[1]
  const parties: readonly unknown[] = Array.isArray(facts?.['parties']) ? facts['parties'] : []
  const named = parties.flatMap((party) => (typeof party === 'object' && party !== null && 'cik' in party ? [String(party.cik)] : []))
  const ciks = [linked, cik, ...named].flatMap((each) => (each === undefined ? [] : [String(Number(each))]))
  return { accession: key, acceptedMs: Math.min(millisOf(at), nowMs), ciks: [...new Set(ciks)] }
}

/** CIKs of tickers, by the SEC's own list of today. Throws Failure `usage` where it has none. */
export async function ciksOf(tickers: readonly string[], { http }: Asking): Promise<string[]> {
  if (tickers.length === 0) return []
  const answer = await http.get({ url: `${WWW}/files/company_tickers.json` })
  const listings = listingsIn(parseExact(textOf(answer.bytes), answer.url))
  if (listings === undefined) throw new Failure('data', `${answer.url}: no list of tickers`)
  return tickers.map((ticker) => {
    const found = listings.find((listing) => listing?.ticker.toUpperCase() === ticker.toUpperCase().replace('.', '-'))
    if (found === undefined) throw new Failure('usage', `--ticker: the SEC lists no "${ticker}"`)
    return found.cik
  })
}

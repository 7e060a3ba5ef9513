/** Any recorded payload about filings, told apart by what it holds, never by its name. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { exactObject, parseExact, type Exact } from '../json_exact.ts'
import { openCsv } from '../csv/rows.ts'
import { textOf } from '../text.ts'
import { readDisclosures, isSenateList, readSenateList } from './disclosures.ts'
import { readFeed } from './feed.ts'
import { isHoldingsList, readHoldings } from './holdings.ts'
import { isIndexFile, readIndexFile } from './index_file.ts'
import { listingsIn, listingSignals } from './listings.ts'
import { readList } from './lists.ts'
import { Notices, noticeSignal } from './notice.ts'
import { isHtml, readPage, titleOf } from './pages.ts'
import { bare, type Received } from './received.ts'
import { readScreen } from './screens.ts'
import { headerIn, isSubmission, readSubmission, type Submission } from './submission.ts'
import { documentSignals, submissionSignals } from './submission_signals.ts'
import { listedSignals, submissionsIn } from './submissions.ts'
import { Pairs } from './thirteenf_pairs.ts'
import { parseXml } from './xml.ts'

const MOST_HEADERS = 10_000

/** One parser over all payloads of a run: a filing of the feed has parties on several pages, a cover page has its table elsewhere. */
export class Payloads implements Parser {
  readonly #notices = new Notices()
  readonly #pairs = new Pairs()
  readonly #reading: Reading
  readonly #ticker: string | undefined
  /** Headers that came without documents, by accession number: the documents may follow. */
  readonly #headers = new Map<string, Submission>()

  /** `ticker` is whom rows are about that do not say so. */
  constructor(reading: Reading, ticker?: string) {
    this.#reading = reading
    this.#ticker = ticker
  }

  read(payload: Payload): Iterable<Signal> {
    const { name } = payload
    const text = textOf(payload.bytes, payload.contentType)
    const start = text.slice(0, 1000).trimStart()
    if (start === '') throw new Failure('data', `${name}: nothing in it`)
    if (isSubmission(text)) return this.#submission(text, payload)
    if (isHtml(start)) return this.#html(text, payload)
    if (start.startsWith('<')) return this.#xml(text.trimStart(), payload)
    if (/^[[{]/.test(start)) return this.#json(parseExact(text, name), payload)
    if (isIndexFile(text)) return readIndexFile(text, payload, this.#reading)
    if (/^[^\n]*,/.test(start)) return this.#csv(text, payload)
    throw new Failure('data', `${name}:1: no filing, feed or list that is known here`)
  }

  *end(): Iterable<Signal> {
    for (const notice of this.#notices.take()) yield noticeSignal(notice, this.#reading)
    yield* this.#pairs.end()
  }

  #submission(text: string, payload: Payload): Iterable<Signal> {
    const submission = readSubmission(text, payload.name)
    if (submission.documents.length === 0 && this.#headers.size < MOST_HEADERS) this.#headers.set(submission.accession, submission)
    return submissionSignals(submission, payload, this.#reading)
  }

  #received(payload: Payload): Received {
    const received = bare(payload, this.#reading)
    const header = this.#headers.get(received.accession ?? '')
    if (header === undefined) return received
    return { ...received, form: header.form, filed: header.filed, knownMs: header.knownMs ?? payload.heardMs }
  }

  #xml(text: string, payload: Payload): Iterable<Signal> {
    const root = parseXml(text, payload.name)
    if (root.name === 'feed') {
      readFeed(root, payload.raw, this.#notices, this.#reading)
      return []
    }
    return documentSignals(root, this.#received(payload), this.#pairs)
  }

  #html(text: string, payload: Payload): Iterable<Signal> {
    const header = headerIn(text)
    if (header !== undefined) return this.#submission(header, payload)
    const signals = readPage(text, payload, this.#reading) ?? readScreen(text, this.#reading)
    if (signals !== undefined) return signals
    throw new Failure('data', `${payload.name}:1: an HTML page (${titleOf(text)}), where a filing, a feed or a list was expected`)
  }

  #json(value: Exact, payload: Payload): Iterable<Signal> {
    const list = submissionsIn(value)
    if (list !== undefined) return listedSignals(list, payload, this.#reading)
    const listings = listingsIn(value)
    if (listings !== undefined) return listingSignals(listings, payload, this.#reading)
    const disclosures = readDisclosures(value, this.#ticker, payload, this.#reading)
    if (disclosures !== undefined) return disclosures
    if (isFolder(value)) {
      this.#reading.reject('folder', 'a list of files, which is no filing in itself')
      return []
    }
    throw new Failure('data', `${payload.name}: JSON that is no list of filings, tickers or disclosures`)
  }

  #csv(text: string, payload: Payload): Iterable<Signal> {
    const csv = openCsv(text, payload.name)
    if (isHoldingsList(csv)) return readHoldings(csv, payload, this.#reading)
    if (isSenateList(csv)) return readSenateList(csv, payload, this.#reading)
    return readList(csv, payload, this.#reading)
  }
}

/** The `index.json` of a filing's folder. */
const isFolder = (value: Exact): boolean => exactObject(exactObject(value)?.['directory'])?.['item'] !== undefined

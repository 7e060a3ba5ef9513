import { feed, type Source } from '#tool/feed'
import { Failure } from '#tool'
import { ciksOf, currentFilings, DATA, filingsOf } from '#wire/sec/live'
import { WWW } from '#wire/sec/archive'
import { Payloads } from '#wire/sec/payload'

const EDGAR = { limits: '10 requests/s over all your machines (8 are made); the User-Agent must name a contact', terms: 'public domain' }
const FILES = { address: 'files', limits: 'none', terms: 'those of whoever made them' }
const ARCHIVES = `${WWW}/Archives/edgar/data/`

const sources: readonly Source[] = [
  { name: 'ownership', reads: 'Forms 3, 4, 5 and amendments: XML X0206 to X0609, submissions (.txt, .nc)', address: ARCHIVES, ...EDGAR },
  { name: '13F', reads: 'cover pages and information tables, apart or in their submission', address: ARCHIVES, ...EDGAR },
  { name: 'current', reads: 'the feed of current filings (getcurrent, Atom)', address: `${WWW}/cgi-bin/browse-edgar`, ...EDGAR },
  { name: 'submissions', reads: 'the filings of a company or person (JSON)', address: `${DATA}/submissions/`, ...EDGAR },
  { name: 'indexes', reads: 'form.idx, master.idx, company.idx; index and header pages; current events', ...FILES, terms: EDGAR.terms },
  { name: 'listings', reads: 'company_tickers.json, company_tickers_exchange.json', address: `${WWW}/files/`, ...EDGAR },
  { name: 'insider lists', reads: 'CSV lists of Form 4 trades; screens of openinsider.com, quote pages of finviz.com', ...FILES },
  { name: '13F lists', reads: 'CSV lists of holdings by manager and quarter', ...FILES },
  { name: 'disclosures', reads: 'trades of Congress, lobbying, contracts: Quiver Quantitative (JSON), Senate reports (CSV)', ...FILES },
]

export default feed({
  name: 'vanta-sec',
  summary: 'Read SEC filings: insider trades (Forms 3, 4, 5), 13F holdings, the feed of current filings, lists of trades.',
  about:
    'Without --from it asks EDGAR: the feed of current filings by form, or with --cik and --ticker the lists of some companies, and reads ' +
    'the filings behind them, oldest first. Payloads are told apart by what they hold, never by name. A filing is known from the moment ' +
    'EDGAR accepted it; where only its date is stated, from 22:00 New York that day; a bare XML document, from when it was heard. Values ' +
    'of a 13F are given in USD, and how they were filed is said. A CUSIP whose ticker is not known stays the subject.',
  options: {
    forms: { kind: 'list', default: '4,3,5,13F', help: 'forms to ask for, amendments too: 3, 4, 5, 13F' },
    cik: { kind: 'list', help: 'ask for the filings of these companies or people instead of the current ones' },
    ticker: { kind: 'list', help: 'the same by ticker; with --from: whom rows are about that name nobody' },
    since: { kind: 'moment', help: 'with --cik or --ticker: how far back to go (default: as far as their main list)' },
  },
  examples: [
    "printf 'filing_date,trade_date,ticker,insider_name,title,trade_type,qty,owned_after,value\\n" +
      "2021-01-15,2021-01-13,XYZ,Doe J,CEO,P - Purchase,1000,5000,12500\\n' | vanta-sec --from -",
    'vanta-sec --from test/cases/vanta-sec/0001-form-4/form4.txt | vanta-normalize | tail -1',
    { run: 'vanta-sec --from test/cases/vanta-sec/0002-form-13f/table.xml,test/cases/vanta-sec/0002-form-13f/cover.xml', note: 'in either order' },
    'vanta-sec --from test/cases/vanta-sec/0003-current-feed/page1.atom,test/cases/vanta-sec/0003-current-feed/page2.atom',
    'vanta-sec --from test/cases/vanta-sec/0004-lists/form.idx,test/cases/vanta-sec/0004-lists/CIK0000000042.json',
    'vanta-sec --from test/cases/vanta-sec/0005-pages/screen.html',
    'printf \'[{"ReportDate":"2021-12-07","TransactionDate":"2021-11-23","Ticker":"V","Representative":"Doe","Transaction":"Purchase",' +
      '"Range":"$1,001-$15,000"}]\' | vanta-sec --from -',
  ],
  service: { name: 'sec', origins: [WWW, DATA], rate: { requests: 8, perMs: 1000 }, needsContact: true },
  sources,
  watch: { hours: 'extended', quietMs: 3 * 3_600_000 },
  every: '1m',
  open: ({ ticker }, reading) => new Payloads(reading, ticker?.[0]),
  async *live({ forms, cik = [], ticker = [], since }, world) {
    const strange = forms.find((form) => !['3', '4', '5', '13F'].includes(form))
    if (strange !== undefined) throw new Failure('usage', `--forms: expected 3, 4, 5 or 13F, got "${strange}"`)
    const wrong = cik.find((each) => !/^\d{1,10}$/.test(each))
    if (wrong !== undefined) throw new Failure('usage', `--cik: expected up to ten digits, got "${wrong}"`)
    const ciks = [...cik, ...await ciksOf(ticker, world)]
    yield* ciks.length === 0 ? currentFilings(forms, world) : filingsOf(ciks, forms, since, world)
  },
})

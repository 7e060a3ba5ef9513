/**
 * Makes models/symbols.json and its card: which symbols are traded, which of them are also words, and the names that stand
 * for them. Facts only, from recorded public data ($VANTA_SHARED, default ../shared):
 *   - symbols: the SEC's list of companies listed on NYSE, Nasdaq or CBOE, and every ticker of the bars and insider purchases;
 *   - words: a symbol is a word where prose writes it in lower case; how often decides how much proof a mention needs;
 *   - names: the distinctive words of a company's name, checked against news articles that tag the ticker.
 * Nothing later than September 2020 but the lists of symbols themselves decides what is a word or a name.
 * Run: node --import tsx scripts/symbols.mjs
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { formerSymbols } from '../lib/domain/reading/holders.ts'

const root = new URL('..', import.meta.url)
const shared = process.env.VANTA_SHARED ?? new URL('../shared', root).pathname
const read = (path) => gunzipSync(readFileSync(`${shared}/${path}`)).toString()
const rows = (path) => read(path).trim().split('\n').map((line) => JSON.parse(line))
/** One column of a CSV whose first columns hold no quoted commas. */
const column = (path, name) => {
  const [head, ...lines] = read(path).trim().split('\n')
  const at = head.split(',').findIndex((title) => title.toLowerCase() === name)
  return at < 0 ? [] : lines.map((line) => line.split(',')[at] ?? '')
}

const wordsIn = (text) => text.trim().split(/\s+/)
/** Upper-case words of the trade and the street that happen to be symbols. */
const SLANG = new Set(wordsIn(`
  DD CEO CFO CTO COO EV AI IV PE PT PM PR AH ER EOD EOW TA TD RH OP IQ PS UK USA US EU ATH ATM PDT CC DTE GM MT IPO ETF FDA
  IRA SEC FED GDP CPI NYSE API BTC ETH SPAC CPA CBD FOMO YOLO EDIT ALL GO ON FOR ARE NOW OPEN IT BOT BRO TLDR OG UI ML CS ID
  RT HQ TV PC VR AR DOE DOD NASA IRS LLC LOL IMO CAGR ROI ROE FCF EPS DCF TAM YTD MOM YOY EBIT CD IP AM TL DR HR TX CA NY PA LA
  DC JP II III VP ANAL RIP GOAT MF DM AMA PSA FYI ASAP MBA PHD GPU CPU CNN CNBC MSNBC NBA NFL USD CAD EUR GBP JPY MIT LSD
  THC BS WTI OPEC COVID MAGA BLM CCP RC NOV DEC JAN FEB APR JUN JUL AUG SEP OCT SP WTF OI CIA OS VC NSA NYC MC EMA SMA RSI
  MA ET SA AP HK GT AC FDS GPS ES SPR AG HP LINK LIVE BULL AON SHO MO CB BEP RBC MAX WS REG NA MD SB OC DOW RYAN DTC MAC
  GAINZ ALOT NHS NC BARK IMHO TBH DIY FAQ LMAO SMH FFS STFU IDK BFF KYS GG FT WSJ BB8 NSFW`))
/** Funds and companies of the recorded years that the SEC's later list does not hold. */
const SINCE_GONE = wordsIn(`
  TWTR APHA ARKG ARKW ARKF ARKQ ICLN TAN JETS VXX UVXY TQQQ SQQQ SPXS IWM PSTH CCIV BFT IPOE IPOB SBE HYLN NKLA WORK NGA
  THCB QCLN VOO XLK KWEB FDX UVIX SOXL TNA LIT PBW SOLO NAKD`)
/** Capitalised words of other meaning: days, places, persons, things. */
const NOT_NAMES = new Set(wordsIn(`
  monday nasdaq manchester simpson simmons tyler castle scholar portland newmarket webster reynolds edwards carlisle
  hartford barnes majestic everest cardinal prosperity mustang viking vulcan stride lineage oddity pathfinder magnolia
  descartes bentley jacobs hawkins friedman johnson leonardo matador horton norfolk mohawk regency parsons pearson schneider
  sinclair hawaiian kinder guaranty badger carpenter companhia clover knowles dorchester garrett armstrong allegro ferguson
  morgan charles taylor dominion depot equitable dow nov morningstar griffon harvard integer krystal koninklijke`))
/** Names that everyone uses and the rule cannot find: too plain a word, or not in the news before they were listed. */
const PLAIN_NAMES = {
  Disney: 'DIS', Micron: 'MU', Ford: 'F', Zoom: 'ZM', Peloton: 'PTON', Snowflake: 'SNOW', Twitter: 'TWTR', Etsy: 'ETSY',
  Chewy: 'CHWY', Nikola: 'NKLA',
  jumia: 'JMIA', xpeng: 'XPEV', aphria: 'APHA', Kodak: 'KODK', macys: 'M', facebook: 'META', google: 'GOOGL', Alphabet: 'GOOGL', 
}
const isSymbol = (text) => /^[A-Z]{1,5}(-[A-Z])?$/.test(text)

const listed = JSON.parse(read('fixtures/sec/company_tickers_exchange.json.gz')).data
  .filter(([, , ticker, exchange]) => ['Nasdaq', 'NYSE', 'CBOE'].includes(exchange) && isSymbol(ticker))
const titles = new Map(listed.map(([, title, ticker]) => [ticker, title]))
const cikOf = new Map(listed.map(([cik, , ticker]) => [ticker, cik]))
for (const { ticker, title, cik_str: cik } of Object.values(JSON.parse(read('fixtures/sec/company_tickers.json.gz')))) {
  if (!titles.has(ticker)) continue
  titles.set(ticker, title)
  cikOf.set(ticker, cik)
}
const barred = new Set()
for (const file of readdirSync(`${shared}/data/bars`)) {
  for (const ticker of column(`data/bars/${file}`, 'ticker')) if (isSymbol(ticker)) barred.add(ticker)
}
const symbols = new Set([...titles.keys(), ...barred])
for (const file of ['openinsider_ceo_buys_2012_2021.csv.gz', 'openinsider_cfo_buys_2017_2021.csv.gz']) {
  for (const ticker of column(`data/insider/${file}`, 'ticker')) if (isSymbol(ticker)) symbols.add(ticker)
}
const TWEETS = 'data/tweets/stocktwits_labelled_2020_jan_sep.csv.gz'
for (const ticker of column(TWEETS, 'ticker')) if (isSymbol(ticker)) symbols.add(ticker)
for (const then of formerSymbols()) symbols.add(then)
for (const ticker of SINCE_GONE) symbols.add(ticker)

/** How often each word occurs in lower case, Capitalised and in UPPER CASE. */
function census(texts) {
  const lower = new Map(), capital = new Map(), upper = new Map()
  const count = (map, word) => map.set(word, (map.get(word) ?? 0) + 1)
  for (const text of texts) {
    const shouts = (text.match(/[A-Z]/g)?.length ?? 0) > 0.4 * (text.match(/[a-zA-Z]/g)?.length ?? 1)
    for (const [word] of text.replace(/https?:\S+/g, ' ').matchAll(/(?<![$\w])[A-Za-z]{2,}(?!\w)/g)) {
      const low = word.toLowerCase()
      if (word === low) count(lower, low)
      else if (word !== word.toUpperCase()) count(capital, low)
      else if (!shouts) count(upper, low)
    }
  }
  return { lower, capital, upper }
}
const articles = rows('data/news/yahoo_finance_articles_2017_2020h1.ndjson.gz')
const news = census(articles.flatMap(({ title, description, body }) => [title ?? '', description ?? '', body ?? '']))
const submissions = rows('data/reddit/stock_subs_submissions_2018h1.ndjson.gz')
const subs = census(submissions.flatMap(({ title, selftext }) => [title ?? '', selftext ?? '']))
const of = (map, word) => map.get(word) ?? 0

/**
 * 0: upper case is proof enough. 1: also a word, so that among shouting only a cashtag is proof. 2: mostly a word, or one
 * letter: only a cashtag or the name.
 */
function ambiguity(symbol) {
  if (symbol.length < 2 || SLANG.has(symbol)) return 2
  const word = symbol.toLowerCase()
  const lower = of(news.lower, word) + of(subs.lower, word)
  const upper = of(subs.upper, word) + of(news.upper, word)
  if (of(news.lower, word) >= 3 && lower > upper) return 2
  return of(news.lower, word) >= 1 || lower > Math.max(2, upper) ? 1 : 0
}
const words = [[], [], []]
for (const symbol of [...symbols].sort()) words[ambiguity(symbol)].push(symbol)

const FORM = new Set(wordsIn(`
  inc corp corporation co company companies ltd limited plc llc lp sa nv ag se ab asa spa group holdings holding the trust
  de new md nj ny oh pa fl mn va wa ma tx class common stock adr ads bancorp incorporated kgaa ord shs international
  enterprises platforms technologies technology`))
const FORM_ONLY = new Set(['common', 'stock', 'trust', 'class', 'new'])
/** The words of a name that are no legal form: GameStop Corp. → gamestop. */
function core(title) {
  const plain = title.toLowerCase().replace(/\/.*?(\/|$)/g, ' ').replace(/\.com\b| com (inc|corp)/g, ' ').replace(/[.,']/g, '')
  const list = plain.split(/[^a-z0-9&]+/).filter(Boolean)
  while (list.length > 1 && (FORM.has(list.at(-1)) || list.at(-1) === '&')) list.pop()
  while (list.length > 1 && list[0] === 'the') list.shift()
  return list.filter((word) => word !== '&')
}
const articlesWith = new Map()
for (const { title, description, body, tickers } of articles) {
  const text = [title, description, body].join(' ')
  for (const word of new Set([...text.matchAll(/\b[A-Z][A-Za-z]{2,}\b/g)].map(([word]) => word.toLowerCase()))) {
    if (!articlesWith.has(word)) articlesWith.set(word, { n: 0, tagged: new Map() })
    const seen = articlesWith.get(word)
    seen.n++
    for (const ticker of new Set(tickers)) seen.tagged.set(ticker, (seen.tagged.get(ticker) ?? 0) + 1)
  }
}
const leads = new Map()
for (const [ticker, title] of titles) {
  const [first] = core(title)
  if (first !== undefined) leads.set(first, (leads.get(first) ?? new Set()).add(cikOf.get(ticker)))
}
const tagged = new Map()
for (const { tickers } of articles) for (const ticker of new Set(tickers)) tagged.set(ticker, (tagged.get(ticker) ?? 0) + 1)
/**
 * One word is a name where prose hardly ever writes it small, and either the articles that hold it are about the company (a
 * smaller share will do for the first word), or nothing speaks against it: no other company leads with it and news hardly
 * knew it yet.
 */
function isName(word, ticker, list) {
  if (NOT_NAMES.has(word)) return false
  if (word.length < 4 && word !== ticker.toLowerCase()) return false
  const small = of(news.lower, word) + of(subs.lower, word), big = of(news.capital, word) + of(news.upper, word)
  if (of(news.lower, word) > 0.05 * big) return false
  const seen = articlesWith.get(word)
  const about = seen === undefined ? 0 : (seen.tagged.get(ticker) ?? 0) / seen.n
  if (seen !== undefined && seen.n >= 5 && about >= (word === list[0] ? 0.15 : 0.3)) return true
  if ((leads.get(word)?.size ?? 0) !== 1) return false
  if (seen === undefined || seen.n < 3) return word.length >= 6 && small <= 3
  return list.length === 1 && (tagged.get(ticker) ?? 0) < 5
}
/** Two or three words that make a name together. */
const isPhrase = (list) => list.length >= 2 && list.length <= 3 && !FORM_ONLY.has(list[1]) && list.join('').length >= 9 &&
  list.join(' ') !== 'financial institutions'
const isUnheard = (word) => of(news.lower, word) === 0 && (articlesWith.get(word)?.n ?? 0) < 3
const names = new Map(Object.entries(PLAIN_NAMES))
const taken = new Set([...names.keys()].map((name) => name.toLowerCase()))
/** A name with a capital must be written with one: prose also has it small. */
function add(name, ticker) {
  if (taken.has(name)) return
  taken.add(name)
  const also = !name.includes(' ') && of(news.lower, name) + of(subs.lower, name) > Math.max(2, 0.5 * of(subs.capital, name))
  names.set(also || (of(news.lower, name) > 0) ? name[0].toUpperCase() + name.slice(1) : name, ticker)
}
const perCompany = new Map()
for (const cik of cikOf.values()) perCompany.set(cik, (perCompany.get(cik) ?? 0) + 1)
let order = 0
for (const [ticker, title] of titles) {
  const list = core(title)
  if (list[0] === undefined || /\b(fund|etf|trust|shares)\b/i.test(title)) continue
  // Of the small ones only the whole name is one, and none of a bank that lends it to what it issues.
  const large = order++ < 1500 || barred.has(ticker)
  if (!large && perCompany.get(cikOf.get(ticker)) !== 1) continue
  const found = large ? list.slice(0, 2).filter((word) => isName(word, ticker, list)) : []
  if (found.length > 0) for (const name of found) add(name, ticker)
  else if (isPhrase(list)) add(list.join(' '), ticker)
  else if (list.length === 1 && list[0].length >= 6 && isUnheard(list[0])) add(list[0], ticker)
}
const table = {
  plain: words[0].join(' '),
  word: words[1].join(' '),
  cashtag: words[2].join(' '),
  names: [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, ticker]) => `${name}=${ticker}`).join(','),
}
const json = `${JSON.stringify(table, null, 1)}\n`
writeFileSync(new URL('models/symbols.json', root), json)
const card = {
  what: 'US-listed symbols, how far each is also a word, and names that stand for them; read by lib/domain/reading/symbols.ts',
  made_by: 'node --import tsx scripts/symbols.mjs',
  sources: [
    'SEC company_tickers.json and company_tickers_exchange.json (public domain; as of 2026)',
    'tickers of the recorded bars and insider purchases (2012 to 2022)',
    'word counts over news articles 2017-01..2020-06 and forum submissions 2018-01..2018-05',
  ],
  count: { plain: words[0].length, word: words[1].length, cashtag: words[2].length, names: names.size },
  caveat: 'Listed mostly as of 2026: companies that left before are known only where the bars or purchases name them.',
  sha256: createHash('sha256').update(json).digest('hex'),
}
writeFileSync(new URL('models/symbols.card.json', root), `${JSON.stringify(card, null, 2)}\n`)
console.log(card.count, `${json.length} bytes`)

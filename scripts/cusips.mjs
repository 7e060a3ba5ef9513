/**
 * Makes models/cusips.json and its card: the ticker of a CUSIP, where recorded 13F holdings state both ($VANTA_SHARED, default
 * ../shared). Facts only: nothing is joined by name. Left out: a CUSIP with a wrong check digit, which is a typing error; one that
 * stands with two tickers; those of warrants, notes and preferred shares, by their class, to which the source gives the issuer's ticker;
 * and where several stand with one ticker, all but the most often held.
 * Run: node scripts/cusips.mjs
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const root = new URL('..', import.meta.url)
const shared = process.env.VANTA_SHARED ?? new URL('../shared', root).pathname
const folder = `${shared}/data/holdings13f`

/** The cells of one line of CSV; cells with commas are quoted. */
const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, '').replaceAll('""', '"'))

/** ANSI X9.6: digits and letters by value, every second doubled, their digits summed, to a multiple of ten. */
function isValid(cusip) {
  if (!/^[0-9A-Z*@#]{8}\d$/.test(cusip)) return false
  let sum = 0
  for (let i = 0; i < 8; i++) {
    const value = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#'.indexOf(cusip[i]) * (1 + (i % 2))
    sum += Math.floor(value / 10) + (value % 10)
  }
  return (10 - (sum % 10)) % 10 === Number(cusip[8])
}

const tickers = new Map(), held = new Map(), others = new Set()
let rows = 0, mistyped = 0
for (const file of readdirSync(folder).filter((name) => name.endsWith('.csv.gz'))) {
  const [head, ...lines] = gunzipSync(readFileSync(`${folder}/${file}`)).toString().trim().split('\n')
  const columns = head.split(',')
  for (const line of lines) {
    const row = cells(line)
    const cusip = row[columns.indexOf('cusip')]?.toUpperCase() ?? '', ticker = row[columns.indexOf('ticker')] ?? ''
    if (cusip === '' || !/^[A-Z][A-Z0-9.-]{0,9}$/.test(ticker)) continue
    rows++
    held.set(cusip, (held.get(cusip) ?? 0) + 1)
    if (!isValid(cusip)) mistyped++
    else if (/\*W EXP|WARRANT|\bWTS?\b|NOTE|DEBT|PFD/i.test(row[columns.indexOf('class')] ?? '')) others.add(cusip)
    else if (tickers.has(cusip)) tickers.get(cusip).add(ticker)
    else tickers.set(cusip, new Set([ticker]))
  }
}
const byTicker = new Map()
for (const [cusip, names] of tickers) {
  const [ticker] = names
  const other = byTicker.get(ticker)
  if (names.size === 1 && (other === undefined || held.get(cusip) > held.get(other))) byTicker.set(ticker, cusip)
}
const clear = [...byTicker].map(([ticker, cusip]) => `${cusip}=${ticker}`).sort()
const json = `${JSON.stringify({ tickers: clear.join(' ') }, null, 1)}\n`
writeFileSync(new URL('models/cusips.json', root), json)
const card = {
  what: 'The ticker of a CUSIP; read by lib/domain/lookup/cusips.ts',
  made_by: 'node scripts/cusips.mjs',
  sources: ['13F holdings of twelve managers, 2013 to 2022, where a row states CUSIP and ticker'],
  count: { rows, cusips: clear.length, mistyped_rows: mistyped, left_out: tickers.size - clear.length + others.size },
  caveat: 'A few hundred securities that value managers held: most CUSIPs are not here and stay CUSIPs. Tickers are those of the source, ' +
    'which names companies as they are called later. A larger table gives holdings other subjects, and so other ids.',
  sha256: createHash('sha256').update(json).digest('hex'),
}
writeFileSync(new URL('models/cusips.card.json', root), `${JSON.stringify(card, null, 2)}\n`)
console.log(card.count, `${json.length} bytes`)

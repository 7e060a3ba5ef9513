/**
 * Makes samples/season/ from recorded public history ($VANTA_SHARED/data, default ../shared/data): the same layout and file
 * names, facts only. No sentence anyone wrote and no name of a private person is kept. samples/README.md tells the columns.
 * Deterministic: the same input gives the same rows. Run: node --import tsx scripts/samples.mjs
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { hasMoved, magnitudeOf } from '../lib/domain/reading/chatter.ts'
import { readText } from '../lib/domain/reading/mention.ts'
import { standing } from '../lib/wire/reddit/signals.ts'

const root = new URL('..', import.meta.url)
const data = `${process.env.VANTA_SHARED ?? new URL('../shared', root).pathname}/data`
const season = new URL('samples/season/', root)

const POSTS = 'wsb_hot_posts_2020-11_2021-01.ndjson.gz'
const SNAPSHOTS = 'wsb_hot_snapshots_2020-11_2021-01.csv.gz'
const FILED = { from: '2020-11-01', to: '2021-01-17' }
const DAILY = { from: '2020-09-01', to: '2021-02-05' }
const HOURLY = { from: '2021-01-04', to: '2021-01-29' }
/** A snapshot is kept where the magnitude moved by more than this fraction since the last one kept. */
const MOVED = 0.05
/** Names become the first 16 hex digits of SHA-256 over this and the name: the same person stays the same, unnamed. */
const SALT = 'vanta-season-2021:'

const pseudonym = (name) => createHash('sha256').update(SALT + name).digest('hex').slice(0, 16)
const linesOf = (path) => gunzipSync(readFileSync(`${data}/${path}`)).toString().trimEnd().split('\n')
let total = 0
function write(path, lines) {
  const file = new URL(path, season)
  mkdirSync(new URL('.', file), { recursive: true })
  const bytes = gzipSync(`${lines.join('\n')}\n`, { level: 9 })
  // The one byte of the header that differs between systems: the operating system (RFC 1952, OS), 255 is unknown.
  bytes[9] = 255
  writeFileSync(file, bytes)
  total += bytes.length
  console.log(`${path}: ${lines.length} lines, ${bytes.length} bytes`)
}

/** Cells of one CSV line after RFC 4180. */
function cellsOf(line) {
  const cells = []
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push(quoted?.replaceAll('""', '"') ?? plain)
  }
  return cells
}
const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

rmSync(season, { recursive: true, force: true })

const tickers = new Set(['SPY'])
const posts = new Set()
write(`reddit/${POSTS}`, linesOf(`reddit/${POSTS}`).map((line) => JSON.parse(line)).flatMap((post) => {
  const flair = post.link_flair_text ?? undefined
  const { mentions, fingerprint } = readText({ flair, title: standing(post.title), text: standing(post.selftext) })
  if (mentions.length === 0) return []
  for (const { subject } of mentions) tickers.add(subject.slice('ticker:'.length))
  posts.add(post.id)
  const { id, subreddit, author, created_utc, first_seen_utc, score_first, num_comments_first } = post
  return [JSON.stringify({
    id, subreddit, author: standing(author) && pseudonym(author), created_utc, first_seen_utc, link_flair_text: flair, mentions,
    fingerprint, score_first, num_comments_first,
  })]
}))

const [snapshotHeader, ...snapshots] = linesOf(`reddit/${SNAPSHOTS}`)
const snapshotColumns = snapshotHeader.split(',')
const kept = ['snapshot_utc', 'id', 'score', 'upvote_ratio', 'num_comments'].map((name) => snapshotColumns.indexOf(name))
const said = new Map()
write(`reddit/${SNAPSHOTS}`, [kept.map((i) => snapshotColumns[i]).join(','), ...snapshots.flatMap((line) => {
  const cells = line.split(',')
  const [, id, score, , comments] = kept.map((i) => cells[i])
  const magnitude = magnitudeOf({ score: Number(score), comments: Number(comments) })
  if (!posts.has(id) || !hasMoved(said.get(id), magnitude, MOVED)) return []
  said.set(id, magnitude)
  return [kept.map((i) => cells[i]).join(',')]
})])

for (const [name, as] of [
  ['openinsider_ceo_buys_2012_2021', 'openinsider_ceo_buys_2020-11_2021-01'],
  ['openinsider_cfo_buys_2017_2021', 'openinsider_cfo_buys_2020-11_2021-01'],
]) {
  const [header, ...rows] = linesOf(`insider/${name}.csv.gz`)
  const columns = header.split(',')
  const [filedAt, tickerAt, nameAt] = ['filing_date', 'ticker', 'insider_name'].map((column) => columns.indexOf(column))
  const inSeason = (day) => day >= FILED.from && day <= FILED.to
  const filed = rows.map(cellsOf).filter((cells) => inSeason(cells[filedAt]) && cells[tickerAt] !== '')
  for (const cells of filed) tickers.add(cells[tickerAt])
  const unnamed = filed.map((cells) => cells.map((text, i) => cell(i === nameAt ? pseudonym(text) : text)).join(','))
  write(`insider/${as}.csv.gz`, [header, ...unnamed])
}

const daily = new Set()
/** Bars of the season's tickers between two days; `regular`: only those within the session of tickers that have daily bars too. */
function bars(name, as, { from, to }, regular = false) {
  const [header, ...rows] = linesOf(`bars/${name}.csv.gz`)
  const lines = rows.filter((line) => {
    const [time, ticker] = line.split(',', 2)
    const day = time.slice(0, 10), clock = time.slice(11, 16)
    return day >= from && day <= to && tickers.has(ticker) && (!regular || (clock >= '09:30' && clock < '16:00' && daily.has(ticker)))
  })
  for (const line of lines) daily.add(line.split(',', 2)[1])
  if (lines.length > 0) write(`bars/${as}.csv.gz`, [header, ...lines])
}
bars('daily_us_2014_2021', 'daily_us_2020-09_2021-02', DAILY)
bars('daily_insider_smallcaps_2017_2021', 'daily_insider_smallcaps_2020-09_2021-02', DAILY)
bars('daily_delisted_2014_2020', 'daily_delisted_2020-09_2020-12', DAILY)
bars('etf_daily_2013_2021', 'etf_daily_2020-09_2021-02', DAILY)
bars('spy_daily_adj_2010_2021', 'spy_daily_adj_2020-09_2021-02', DAILY)
bars('hourly_2021_h1', 'hourly_2021-01', HOURLY, true)
console.log(`${posts.size} posts, ${tickers.size} tickers, ${total} bytes in all`)

/** Tables of accounts, one a row, as data sets of bots have them: columns by the names of Twitter's user object (API v1.1). */
import { DAY_MS, parseMoment, type Millis } from '#record'
import type { Account } from '#domain/swarm/accounts'
import { openCsv, textOf, type CsvRow } from '../csv/rows.ts'

export interface AccountRow {
  readonly cells: readonly string[]
  readonly account: Account
  readonly madeMs: Millis | undefined
  /** 1 or 0, where the table says what it is. */
  readonly bot: number | undefined
}

export interface AccountTable {
  readonly columns: readonly string[]
  readonly rows: readonly AccountRow[]
}

/** Ages are up to `nowMs`, or up to the newest account of the table: a table is a capture of one time. Throws Failure `data` without a header. */
export function accountsIn(bytes: Buffer, name: string, nowMs?: Millis): AccountTable {
  const csv = openCsv(textOf(bytes), name)
  const read = [...csv.rows()].map((row) => ({ row, madeMs: momentOf(row.cell('created_at')) }))
  const capturedMs = nowMs ?? read.reduce((latest, { madeMs }) => Math.max(latest, madeMs ?? -Infinity), -Infinity)
  return {
    columns: csv.columns,
    rows: read.map(({ row, madeMs }) => ({ cells: row.cells, account: accountOf(row, madeMs, capturedMs), madeMs, bot: numberOf(row.cell('bot')) })),
  }
}

function accountOf(row: CsvRow, madeMs: Millis | undefined, capturedMs: Millis): Account {
  const count = (column: string): number | undefined => numberOf(row.cell(column))
  const is = (column: string): boolean | undefined => truthOf(row.cell(column))
  return {
    followers: count('followers_count'), friends: count('friends_count'), listed: count('listed_count'), favourites: count('favourites_count'),
    statuses: count('statuses_count'), verified: is('verified'), defaultProfile: is('default_profile'), defaultImage: is('default_profile_image'),
    ageDays: madeMs === undefined ? undefined : Math.max(0, (capturedMs - madeMs) / DAY_MS), hasLink: is('has_url'), handleLength: count('screen_name_len'),
    handleDigits: count('screen_name_digits'), nameLength: count('name_len'), descriptionLength: count('description_len'), saysBot: is('description_has_bot'),
    placeLength: count('location_len'),
  }
}

const numberOf = (cell: string): number | undefined => (/^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined)
const truthOf = (cell: string): boolean | undefined => (/^(true|1)$/i.test(cell) ? true : /^(false|0)$/i.test(cell) ? false : undefined)

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/** `Thu Jul 02 11:55:55 +0000 2015`, as Twitter writes it; `11/23/2015 8:28`, as spreadsheets do; an ISO date. In UTC. */
function momentOf(text: string): Millis | undefined {
  const cleaned = text.replace(/^"|"$/g, '')
  const twitter = /^\w{3} (\w{3}) (\d{2}) (\d{2}):(\d{2}):(\d{2}) \+0000 (\d{4})$/.exec(cleaned)
  if (twitter !== null) {
    const [, month = '', day, hour, minute, second, year] = twitter
    const place = MONTHS.indexOf(month) / 3
    return Number.isInteger(place) && place >= 0 ? Date.UTC(Number(year), place, Number(day), Number(hour), Number(minute), Number(second)) : undefined
  }
  const sheet = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/.exec(cleaned)
  if (sheet !== null) return Date.UTC(Number(sheet[3]), Number(sheet[1]) - 1, Number(sheet[2]), Number(sheet[4]), Number(sheet[5]))
  return parseMoment(cleaned)
}

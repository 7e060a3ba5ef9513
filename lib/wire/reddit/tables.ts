/** CSV tables of posts that other people have made of Reddit, told apart by their columns. */
import { DAY_MS, type Signal } from '#record'
import { sha256Of } from '#record/sha256'
import type { CsvRow } from '../csv/rows.ts'
import { countSignal, countsShape } from '../social_counts.ts'
import { signalsOfRow, type Fault, type Row } from './rows.ts'
import { postSignal, secondsOr, standing, type Hearing } from './signals.ts'

/** Signals of one row, or what is wrong with it. */
export type RowReader = (row: CsvRow) => readonly Signal[] | Fault

/** How rows under these columns are read; undefined where the table is none that is known. */
export function tableReader(columns: readonly string[], hearing: Hearing): RowReader | undefined {
  const has = (...names: readonly string[]): boolean => names.every((name) => columns.includes(name))
  const counts = countsShape(columns, 'reddit')
  if (counts !== undefined) {
    return (row) => {
      const signal = countSignal(row, counts, 'reddit', hearing.by)
      return typeof signal === 'string' ? { expected: signal } : [signal]
    }
  }
  if (has('id', 'timestamp', 'created', 'title', 'text')) return (row) => dayPost(row, hearing)
  if (has('id', 'created', 'title', 'body', 'comms_num')) return (row) => signalsOfRow(libraryRow(row), hearing)
  if (has('date', 'author', 'title', 'text')) return (row) => nameless(row, hearing)
  if (has('id', 'created_utc') && (has('title') || has('body'))) return (row) => signalsOfRow(dumpRow(row, columns), hearing)
  return undefined
}

/** Empty cells are no values, and neither is what Python writes for nothing. */
const cellOf = (row: CsvRow, column: string): string | undefined => {
  const cell = row.cell(column)
  return cell === '' || cell === 'None' || cell === 'nan' || cell === 'NaN' ? undefined : cell
}

/** A dump of Reddit's own fields. */
const dumpRow = (row: CsvRow, columns: readonly string[]): Row =>
  Object.fromEntries(columns.flatMap((column) => {
    const cell = cellOf(row, column)
    return cell === undefined && column !== 'title' && column !== 'body' ? [] : [[column, cell]]
  }))

const FORUM = /\/r\/([A-Za-z0-9_]+)\//
const forumOf = (url: string): string | undefined => FORUM.exec(url)?.[1]

/**
 * `title,score,id,url,comms_num,created,body,timestamp`: posts and comments (which have the title "Comment" and no address) as of a
 * scrape at an unknown time, so that their counts are of no known moment. `created` is UTC, `timestamp` the scraper's own clock.
 */
function libraryRow(row: CsvRow): Row {
  const isComment = row.cell('title') === 'Comment' && row.cell('url') === ''
  const thing = { id: row.cell('id'), created_utc: row.cell('created'), subreddit: forumOf(row.cell('url')) }
  return isComment ? { ...thing, body: row.cell('body') } : { ...thing, title: row.cell('title'), selftext: row.cell('body') }
}

/** `date,author,title,num_comments,text`: posts without their ids. The key is made of author, time and title. */
function nameless(row: CsvRow, hearing: Hearing): readonly Signal[] | Fault {
  const createdMs = secondsOr(row.cell('date')), title = row.cell('title')
  if (createdMs === undefined) return { expected: 'column "date": expected seconds since 1970' }
  if (title === '') return { expected: 'expected a title' }
  const author = standing(cellOf(row, 'author'))
  const id = `unnamed_${sha256Of(JSON.stringify([row.cell('date'), author, title])).slice(0, 16)}`
  return [postSignal({
    id, createdMs, knownMs: createdMs, subreddit: undefined, author, title: standing(title), text: standing(row.cell('text')), flair: undefined,
  }, hearing)]
}

/**
 * `id,timestamp,created,author,flair,title,text,...`: posts of a day. `timestamp` is the day's first moment in New York, so that a
 * post is surely known only a day later; scores are as of the scrape, the ticker is the table's guess.
 */
function dayPost(row: CsvRow, hearing: Hearing): readonly Signal[] | Fault {
  const dayMs = secondsOr(row.cell('timestamp')), id = row.cell('id')
  if (!/^[a-z0-9]+$/.test(id)) return { expected: 'column "id": expected a base-36 id' }
  if (dayMs === undefined || !/^\d{4}-\d\d-\d\d$/.test(row.cell('created'))) return { expected: 'expected a day and its first second' }
  return [postSignal({
    id, createdMs: dayMs, knownMs: dayMs + DAY_MS, subreddit: forumOf(row.cell('url')), author: standing(cellOf(row, 'author')),
    title: standing(row.cell('title')), text: standing(row.cell('text')), flair: cellOf(row, 'flair'),
  }, hearing)]
}

/**
 * EDGAR's index files, daily and quarterly: `form.idx`, `company.idx` (columns of fixed width) and `master.idx` (columns between bars).
 * A filing stands in them once for each of its parties. They are written after the last filing of the day.
 */
import type { Payload, Reading } from '#port/payload'
import { Failure } from '#port/failure'
import type { Signal } from '#record'
import { linesIn } from '../csv/rows.ts'
import { accessionIn } from './received.ts'
import { isWanted, Notices, noticeSignal, onDay, rejectOthers } from './notice.ts'

/** The line of column titles and the ruler below it. */
const HEAD = /^(?=.*\bCIK\b)(?=.*\bForm Type\b)(?=.*\bDate Filed\b).*$/m
const RULER = /^-{20,}\s*$/

export const isIndexFile = (text: string): boolean => HEAD.test(text.slice(0, 4000))

interface Row {
  readonly form: string
  readonly name: string
  readonly cik: string
  readonly filed: string
  readonly path: string
}

/** Throws Failure `data` where there are no column titles. */
export function readIndexFile(text: string, { name, raw }: Payload, reading: Reading): Signal[] {
  const head = HEAD.exec(text.slice(0, 4000))
  if (head === null) throw new Failure('data', `${name}: an index without column titles`)
  const readRow = rowReader(head[0])
  const notices = new Notices()
  const first = linesIn(text, 0, head.index) + 1
  let rows = 0, others = 0
  for (const [i, line] of text.slice(head.index + head[0].length).split('\n').entries()) {
    if (line.trim() === '' || RULER.test(line)) continue
    rows++
    const row = readRow(line.trimEnd())
    const accession = accessionIn(row?.path ?? '')
    const day = onDay(row?.filed ?? '')
    if (row === undefined || accession === undefined || day === undefined) {
      reading.reject(`row ${first + i}`, 'no form, company, CIK, date and file of a filing')
    } else if (!isWanted(row.form)) others++
    else notices.add({ accession, form: row.form, ...day, parties: [{ name: row.name, cik: row.cik.padStart(10, '0') }], raw })
  }
  rejectOthers(others, 'rows', reading)
  if (rows === 0) reading.reject('index', 'no rows: nothing was filed')
  return notices.take().map((notice) => noticeSignal(notice, reading))
}

/** Names may be longer than their column, so the cells after them are found from the end of the line. */
const TAIL = /^(.*\S)\s+(\d{1,10})\s+(\d{4}-\d\d-\d\d|\d{8})\s+(\S+)$/

function rowReader(head: string): (line: string) => Row | undefined {
  const isoDay = (day: string): string => day.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
  if (head.includes('|')) {
    const titles = head.split('|').map((title) => title.trim().toLowerCase())
    const at = (title: string): number => titles.findIndex((each) => each.startsWith(title))
    const [form, name, cik, filed, path] = [at('form'), at('company'), at('cik'), at('date'), at('file')]
    return (line) => {
      const cells = line.split('|').map((cell) => cell.trim())
      const cell = (place: number | undefined): string => cells[place ?? -1] ?? ''
      if (!/^\d{1,10}$/.test(cell(cik))) return undefined
      return { form: cell(form), name: cell(name), cik: cell(cik), filed: isoDay(cell(filed)), path: cell(path) }
    }
  }
  const formFirst = head.indexOf('Form Type') < head.indexOf('Company Name')
  const second = head.indexOf(formFirst ? 'Company Name' : 'Form Type')
  return (line) => {
    const [, front, cik, filed, path] = TAIL.exec(line) ?? []
    if (front === undefined || cik === undefined || filed === undefined || path === undefined) return undefined
    // A long company name pushes the form on: it is what follows the last wide gap.
    const gap = formFirst ? -1 : front.lastIndexOf('  ')
    const cut = gap < 0 ? second : gap
    const [left, right] = [front.slice(0, cut), front.slice(cut)]
    const [form, name] = formFirst ? [left, right] : [right, left]
    return { form: form.trim(), name: name.trim(), cik, filed: isoDay(filed), path }
  }
}

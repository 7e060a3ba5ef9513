/** EDGAR's own HTML pages: the index of one filing, its headers, and the list of current events. */
import type { Signal } from '#record'
import { newYorkMillis } from '#domain/market/session'
import type { Payload, Reading } from '#port/payload'
import { isWanted, Notices, noticeSignal, onDay, OTHER_FORM, rejectOthers, type Party } from './notice.ts'
import { accessionIn } from './received.ts'

/** Comments before the root element, as browsers put them into saved pages, are passed over. */
export const isHtml = (start: string): boolean => /^(?:<!--[^]{0,500}?-->\s*)?<(!doctype\s+html|html|head)\b/i.test(start)

export const titleOf = (html: string): string => /<title[^>]{0,200}>\s*([^<]{1,200}?)\s*</i.exec(html.slice(0, 100_000))?.[1] ?? 'without a title'

/** Pages of the SEC that rightly hold no filing, by their titles. */
const EMPTY_PAGES: readonly (readonly [title: RegExp, what: string])[] = [
  [/^SEC\.gov \| File Unavailable$/, 'a page instead of data: past the end of a list, or the service is being maintained'],
  [/^SEC\.gov \| Fails-to-Deliver Data$/, 'a list of files about fails to deliver, which is no filing'],
]

/** Undefined where the page is neither the index of a filing nor a list of current events, nor known to hold none. */
export function readPage(html: string, payload: Payload, reading: Reading): Signal[] | undefined {
  const title = titleOf(html)
  const empty = EMPTY_PAGES.find(([pattern]) => pattern.test(title))
  if (empty === undefined) return filingIndex(html, payload, reading) ?? currentEvents(html, payload, reading)
  reading.reject('page', empty[1])
  return []
}

const INFO = /<div class="infoHead">([^<]{1,80})<\/div>\s*<div class="info">([^<]{1,80})</g

/** `ACCESSION-index.htm`: form, accession number, dates and parties. */
function filingIndex(html: string, { raw }: Payload, reading: Reading): Signal[] | undefined {
  const accession = /id="secNum">[^]{0,400}?(\d{10}-\d\d-\d{6})/.exec(html)?.[1]
  if (accession === undefined) return undefined
  const form = /id="formName">\s*<strong>\s*Form\s+([^<]{1,20}?)\s*</.exec(html)?.[1] ?? ''
  const infos = new Map([...html.matchAll(INFO)].map(([, head = '', info = '']) => [head.trim(), info.trim()]))
  const [day = '', clock = ''] = (infos.get('Accepted') ?? '').split(' ')
  const [hour = NaN, minute = NaN, second = NaN] = clock.split(':').map(Number)
  const acceptedMs = hour < 24 && minute < 60 && second < 60 ? newYorkMillis(day, hour, minute, second) : undefined
  const filed = onDay(infos.get('Filing Date') ?? '')
  if (!isWanted(form)) reading.reject(accession, OTHER_FORM)
  else if (acceptedMs === undefined && filed === undefined) reading.reject(accession, 'no filing date')
  else {
    const when = acceptedMs === undefined && filed !== undefined ? filed : { acceptedMs: acceptedMs ?? 0, filed: filed?.filed }
    return [noticeSignal({ accession, form, ...when, period: infos.get('Period of Report'), parties: partiesIn(html), raw }, reading)]
  }
  return []
}

const COMPANY = /class="companyName">\s*([^<]{1,200}?)\s*\((Filer|Issuer|Reporting|Subject|Filed by)\)[^]{0,300}?CIK=(\d{10})/g

function partiesIn(html: string): Party[] {
  const roleOf = (role: string | undefined): string | undefined => (role === 'Subject' ? 'Issuer' : role === 'Filed by' ? 'Filer' : role)
  return [...html.matchAll(COMPANY)].map(([, name, role, cik = '']) => ({ role: roleOf(role), name, cik }))
}

const EVENT = /(\d\d)-(\d\d)-(\d{4})\s+<a href="([^"]{1,200})">([^<]{1,20})<\/a>\s+<a [^>]{1,200}>(\d{1,10})<\/a>[^\S\n]*([^\n<]{0,200})/g

/** The list of current events by form (`cgi-bin/current`): a day, no time. */
function currentEvents(html: string, { raw }: Payload, reading: Reading): Signal[] | undefined {
  if (!/EDGAR Current Events/.test(html)) return undefined
  const notices = new Notices()
  let events = 0, others = 0
  for (const [, month = '', dayOfMonth = '', year = '', link = '', form = '', cik = '', name = ''] of html.matchAll(EVENT)) {
    const day = onDay(`${year}-${month}-${dayOfMonth}`), accession = accessionIn(link)
    events++
    if (!isWanted(form.trim())) others++
    else if (day === undefined || accession === undefined) reading.reject(`event ${events}`, 'no date, or no accession number')
    else notices.add({ accession, form: form.trim(), ...day, parties: [{ name: name.trim(), cik: cik.padStart(10, '0') }], raw })
  }
  rejectOthers(others, 'events', reading)
  if (events === 0) reading.reject('list', 'no events')
  return notices.take().map((notice) => noticeSignal(notice, reading))
}

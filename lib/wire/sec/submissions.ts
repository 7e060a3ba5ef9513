/**
 * A company's or person's list of filings (`data.sec.gov/submissions/CIK##########.json`, and its pages of older filings, which are the
 * inner arrays alone): parallel arrays, newest first.
 */
import { DAY_MS, parseInstant, type Millis, type Signal } from '#record'
import { newYorkInstant } from '#domain/market/session'
import type { Payload, Reading } from '#port/payload'
import { Failure } from '#port/failure'
import { exactList, exactNumber, exactObject, exactString, exactId, type Exact, type ExactObject } from '../json_exact.ts'
import { dateText } from './facts.ts'
import { canBeOf } from './received.ts'
import { isWanted, Notices, noticeSignal, onDay, rejectOthers, type Party } from './notice.ts'

export interface SubmissionsPage {
  readonly arrays: ExactObject
  /** What the list says of whose it is; pages of older filings do not. */
  readonly entity?: ExactObject | undefined
  /** Pages of older filings: file name, and the day of the last filing in it. */
  readonly older: readonly { readonly name: string; readonly lastDay: string | undefined }[]
}

/** Undefined where the value is no such list. */
export function submissionsIn(value: Exact): SubmissionsPage | undefined {
  const entity = exactObject(value)
  const filings = exactObject(entity?.['filings'])
  const arrays = filings === undefined ? entity : exactObject(filings['recent'])
  if (arrays === undefined || exactList(arrays['accessionNumber']) === undefined || exactList(arrays['form']) === undefined) return undefined
  const older = (exactList(filings?.['files']) ?? []).flatMap((file) => {
    const name = exactString(exactObject(file)?.['name'])
    return name === undefined ? [] : [{ name, lastDay: dateText(exactString(exactObject(file)?.['filingTo'])) }]
  })
  return { arrays, entity: filings === undefined ? undefined : entity, older }
}

export function listedSignals({ arrays, entity }: SubmissionsPage, { name, url, raw }: Payload, reading: Reading): Signal[] {
  const column = (title: string): readonly Exact[] => exactList(arrays[title]) ?? []
  const [accessions, forms, filedDays, accepted, periods] = ['accessionNumber', 'form', 'filingDate', 'acceptanceDateTime', 'reportDate'].map(column)
  if (accessions === undefined || forms?.length !== accessions.length) throw new Failure('data', `${name}: columns of different length`)
  if (accessions.length === 0) reading.reject('filings', 'no filings')
  const rows = accessions.map((accession, i) => ({
    accession: exactString(accession), form: exactString(forms[i]) ?? '', filed: dateText(exactString(filedDays?.[i])),
    accepted: exactString(accepted?.[i]), period: dateText(exactString(periods?.[i])),
  }))
  const clock = clockOf(rows)
  const notices = new Notices()
  let others = 0
  for (const [i, { accession, form, filed, accepted: at, period }] of rows.entries()) {
    const day = onDay(filed ?? '')
    const stampMs = acceptedOn(at, filed, clock)
    const acceptedMs = stampMs !== undefined && canBeOf(accession ?? '', stampMs) ? stampMs : undefined
    if (!isWanted(form)) others++
    else if (accession === undefined || !/^\d{10}-\d\d-\d{6}$/.test(accession) || day === undefined) {
      reading.reject(`filing ${i + 1}`, 'no accession number, or no filing date')
    } else {
      const when = acceptedMs === undefined ? day : { acceptedMs, filed: day.filed }
      notices.add({ accession, form, ...when, period, parties: partyOf(entity, form, url), raw })
    }
  }
  rejectOthers(others, 'filings', reading)
  return notices.take().map((notice) => noticeSignal(notice, reading))
}

/** Its part in the filing is known where it is never an owner, never an issuer, or the form has no issuer. */
function partyOf(entity: ExactObject | undefined, form: string, url: string | undefined): Party[] {
  const cik = (exactId(entity?.['cik']) ?? /\/CIK(\d{10})\b/.exec(url ?? '')?.[1])?.padStart(10, '0')
  if (cik === undefined) return []
  const owner = exactNumber(entity?.['insiderTransactionForOwnerExists']), issuer = exactNumber(entity?.['insiderTransactionForIssuerExists'])
  const inside = owner === 0 && issuer === 1 ? 'Issuer' : owner === 1 && issuer === 0 ? 'Reporting' : undefined
  return [{ role: form.startsWith('13F') ? 'Filer' : inside, name: exactString(entity?.['name']), cik }]
}

interface Stamped {
  readonly filed: string | undefined
  readonly accepted: string | undefined
}

/**
 * The service has written New York's clock with a `Z` behind it, and later true UTC. EDGAR takes filings from 06:00 to 22:00 New York, of
 * that filing day or one before it: a `Z` time of the night of the day after can only be UTC, one from 06 to 09 o'clock only New York's.
 */
function clockOf(rows: readonly Stamped[]): 'utc' | 'new york' {
  let utc = false
  for (const row of rows) {
    const clock = provenClock(row)
    if (clock === 'new york') return clock
    if (clock === 'utc') utc = true
  }
  // Where neither is proven, New York's is the later reading: nothing is known too early.
  return utc ? 'utc' : 'new york'
}

function provenClock({ filed, accepted }: Stamped): 'utc' | 'new york' | undefined {
  const labelMs = parseInstant(accepted ?? '')
  if (labelMs === undefined || filed === undefined || isDateOnly(accepted)) return undefined
  const day = (accepted ?? '').slice(0, 10), hour = Number((accepted ?? '').slice(11, 13))
  if (day > filed || hour >= 23) return 'utc'
  return hour >= 6 && hour < 10 ? 'new york' : undefined
}

const isDateOnly = (accepted: string | undefined): boolean => accepted?.slice(11, 19) === '00:00:00'

/** Undefined where only the day is stated. */
function acceptedOn(accepted: string | undefined, filed: string | undefined, clock: 'utc' | 'new york'): Millis | undefined {
  const labelMs = parseInstant(accepted ?? '')
  if (labelMs === undefined || isDateOnly(accepted)) return undefined
  if ((provenClock({ filed, accepted }) ?? clock) === 'utc') return labelMs
  const day = Math.floor(labelMs / (DAY_MS))
  return newYorkInstant(Number((accepted ?? '').slice(0, 4)), day, labelMs - day * DAY_MS)
}

/** Any calendar, told by what it holds. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { readXml } from '../feed/xml.ts'
import { exactList, exactObject, exactString, parseExact } from '../json_exact.ts'
import { textOfPayload } from '../news/payload.ts'
import { firstLineOf } from '../text.ts'
import { corporateSignals } from './corporate.ts'
import { eventSignals } from './event.ts'
import type { Hearing } from '../signal.ts'
import { forexFactoryRows, isForexFactory, jsonEvents, xmlEvents } from './forex_factory.ts'
import { calendarColumns, tableEvents } from './tables.ts'

export const calendarParser = (reading: Reading): Parser => ({ read: (payload) => readCalendar(payload, reading) })

function readCalendar(payload: Payload, reading: Reading): Iterable<Signal> {
  const { name, heardMs } = payload
  const hearing: Hearing = { by: reading.by, heardMs }
  const text = textOfPayload(payload, reading)
  const start = text.slice(0, 1000).trimStart()
  if (/^<(!doctype\s+html|html)\b/i.test(start)) throw new Failure('data', `${name}: an HTML page, where a calendar was expected`)
  if (start.startsWith('<')) {
    const document = readXml(text, name)
    if (!isForexFactory(document)) throw new Failure('data', `${name}: root element "${document.root.name}" is no calendar`)
    return eventSignals([...xmlEvents(document, name, reading)], hearing)
  }
  if (start.startsWith('{') || start.startsWith('[')) return readJson(text, name, hearing, reading)
  const columns = calendarColumns(firstLineOf(text))
  if (columns !== undefined) return eventSignals([...tableEvents(text, name, columns, reading)], hearing)
  throw new Failure('data', `${name}: no calendar (it starts ${JSON.stringify(start.slice(0, 40))})`)
}

function readJson(text: string, name: string, hearing: Hearing, reading: Reading): Iterable<Signal> {
  const value = parseExact(text, name)
  const rows = forexFactoryRows(value)
  if (rows !== undefined) return eventSignals([...jsonEvents(rows, reading)], hearing)
  const corporate = corporateSignals(value, hearing, reading)
  if (corporate !== undefined) return corporate
  if (exactList(value)?.length === 0) {
    reading.reject('calendar', 'a calendar without entries')
    return []
  }
  const said = exactString(exactObject(value)?.['error']) ?? exactString(exactObject(value)?.['message'])
  throw new Failure('data', `${name}: ${said === undefined ? 'JSON, but no calendar' : `the service answered with an error: ${said.slice(0, 200)}`}`)
}

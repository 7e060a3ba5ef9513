/** Any payload of series, told by what it holds. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { parseExact } from '../json_exact.ts'
import { textOfPayload } from '../news/payload.ts'
import { firstLineOf } from '../text.ts'
import { jsonAnswers, readAnswers } from './answer.ts'
import { fearGreedSignals, isFearGreed, isFearGreedPage, pageSignals } from './fear_greed.ts'
import { answerSignals } from './fred.ts'
import type { Hearing } from '../signal.ts'
import { dataSetIn, dataSetSignals, isSeriesHeader, tableSignals } from './tables.ts'

/** `series` is what the user says that payloads are of which do not say so themselves. */
export const fredParser = (series: string | undefined, reading: Reading): Parser => ({ read: (payload) => readFred(payload, series, reading) })

function* readFred(payload: Payload, given: string | undefined, reading: Reading): Generator<Signal> {
  const { name, heardMs, url } = payload
  const text = textOfPayload(payload, reading)
  const hearing: Hearing = { by: reading.by, heardMs }
  const asked = seriesAsked(url) ?? seriesAsked(name) ?? given
  const start = text.slice(0, 1000).trimStart()
  if (isFearGreedPage(text)) return yield* pageSignals(text, hearing)
  if (start.startsWith('<')) {
    if (/^<(!doctype\s+html|html)\b/i.test(start)) throw new Failure('data', `${name}: an HTML page, where observations were expected`)
    const answers = readAnswers(text, name)
    if (answers === undefined) throw new Failure('data', `${name}: XML, but no answer of FRED`)
    for (const answer of answers) yield* answerSignals(answer, asked, hearing, reading)
    return
  }
  if (start.startsWith('{') || start.startsWith('[')) return yield* readJson(text, name, asked, hearing, reading)
  if (isSeriesHeader(firstLineOf(text))) return yield* tableSignals(text, name, hearing, reading)
  throw new Failure('data', `${name}: no observations (it starts ${JSON.stringify(start.slice(0, 40))})`)
}

function* readJson(text: string, name: string, asked: string | undefined, hearing: Hearing, reading: Reading): Generator<Signal> {
  const value = parseExact(text, name)
  if (isFearGreed(value)) return yield* fearGreedSignals(value, hearing, reading)
  const set = dataSetIn(value, name)
  if (set !== undefined) return yield* dataSetSignals(set, asked, hearing, name, reading)
  const answers = jsonAnswers(value, name)
  if (answers === undefined) throw new Failure('data', `${name}: JSON, but no answer of FRED and no series`)
  for (const answer of answers) yield* answerSignals(answer, asked, hearing, reading)
}

/** The series that an address asks for: an answer does not say its own. A payload that was saved may bear its address for a name. */
function seriesAsked(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  return /[?&_/]series_id=([A-Za-z0-9_]+?)(?=[&.]|$)/.exec(address)?.[1] ?? /\/datasets\/([A-Z0-9_]+\/[A-Z0-9_]+)/.exec(address)?.[1]
}

/**
 * Polygon's trades in shares. Exchange 4 is FINRA; a trade that a facility received carries `trf_id` and `trf_timestamp` besides. Instants are
 * nanoseconds since 1970: executed (`participant_timestamp`), received by the facility, told by the tape (`sip_timestamp`).
 */
import { correctionOf, numberConditions } from '#domain/market/sale_condition'
import { readEpoch } from '../dates.ts'
import { exactList, type Exact, type ExactObject } from '../json_exact.ts'
import { decimalOf, membersOf, wordOf, wordsOf } from '../json_fields.ts'
import { symbolSubject, type Context, type Row } from './found.ts'
import type { SharePrint } from './prints.ts'

export const isPolygonTrades = (answer: Exact): boolean => {
  const rows = exactList(membersOf(answer)['results'])
  return rows !== undefined && ('status' in membersOf(answer) || 'request_id' in membersOf(answer))
}

const FINRA = '4'
const FIRST_OPTION_EXCHANGE = 300

export function* readPolygonTrades(answer: Exact, context: Context): Generator<readonly [place: string, row: Row]> {
  const rows = exactList(membersOf(answer)['results']) ?? []
  const inAddress = /\/v3\/trades\/([^/?]+)/.exec(context.url ?? '')?.[1]
  const symbol = inAddress === undefined ? context.symbol : decodeURIComponent(inAddress)
  if (rows.length === 0) yield ['results', 'an answer without results']
  for (const [i, row] of rows.entries()) yield [`result ${i + 1}`, tradeRow(membersOf(row), symbol)]
}

function tradeRow(row: ExactObject, symbol: string | undefined): Row {
  const stamp = wordOf(row['sip_timestamp']), exchange = wordOf(row['exchange'])
  if (stamp === undefined || !('price' in row)) return 'no trade in shares'
  if (Number(exchange) >= FIRST_OPTION_EXCHANGE) return 'a trade in options, which vanta-options reads'
  const toldMs = readEpoch(stamp), price = decimalOf(row['price']), shares = decimalOf(row['size'])
  if (toldMs === undefined || price === undefined || shares === undefined) return 'it lacks a time, a price or a size'
  const facility = wordOf(row['trf_id']), participant = wordOf(row['participant_timestamp']), received = wordOf(row['trf_timestamp'])
  const executedMs = readEpoch(participant ?? '') ?? toldMs
  const subject = symbolSubject(symbol), conditions = wordsOf(row['conditions'])
  return {
    print: {
      service: 'polygon', subject, price, shares, exchange, offExchange: told(exchange === FINRA, facility !== undefined),
      key: ['polygon', symbol ?? '', stamp, exchange ?? '', facility ?? '', wordOf(row['id']) ?? wordOf(row['sequence_number']) ?? ''].join(':'),
      atMs: Math.min(executedMs, toldMs), knownMs: toldMs, conditions, meanings: numberConditions(conditions),
      correction: correctionOf(wordOf(row['correction'])),
      facts: {
        facility, trf_timestamp: received, participant_timestamp: participant, sip_timestamp: stamp, sequence: wordOf(row['sequence_number']),
        id: wordOf(row['id']), tape: wordOf(row['tape']), correction_indicator: wordOf(row['correction']),
      },
    },
  }
}

const told = (byExchange: boolean, byFacility: boolean): SharePrint['offExchange'] =>
  byExchange && byFacility ? 'both' : byExchange ? 'exchange' : byFacility ? 'facility' : undefined

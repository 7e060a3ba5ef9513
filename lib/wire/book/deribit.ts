/**
 * Deribit: notifications of its JSON-RPC socket (https://docs.deribit.com/). A change of a book names the state it was made from
 * (`prev_change_id`); its levels say `new`, `change` or `delete`, the last with an amount of nought.
 */
import { marketsOf } from './markets.ts'
import { millisIn } from './moments.ts'
import { ANSWERED, control, diff, fact, HEARTBEAT, snapshot, type FactSaid, type Said, type Venue } from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, measureOf, objectOf, stringOf, wholeOf, type ToldObject } from './told.ts'

export function deribit(): Venue {
  const marketOf = marketsOf('deribit')
  return {
    read(message) {
      const said = objectOf(message)
      if (said?.['jsonrpc'] !== '2.0') return undefined
      const { method } = said
      if (method === 'heartbeat') return control(HEARTBEAT)
      const params = objectOf(said['params'])
      if (method !== 'subscription' || typeof params?.['channel'] !== 'string') return readAnswer(said)
      const kind = params['channel'].split('.')[0]
      const data = objectOf(params['data'])
      switch (kind) {
        case 'book': return data === undefined ? undefined : bookOf(data)
        case 'trades': return listOf(params['data'])?.map((entry) => tradeOf(objectOf(entry) ?? {}))
        case 'ticker': return data === undefined ? undefined : [tickerOf(data)]
        case 'quote': return data === undefined ? undefined : [quoteOf(data)]
        default: return control(`a channel that is not read: ${(kind ?? '').slice(0, 40)}`)
      }
    },
  }

  /** Other services speak JSON-RPC too: Deribit's answers say how long they took. */
  function readAnswer(said: ToldObject): readonly Said[] | undefined {
    if (!('usIn' in said)) return undefined
    const error = objectOf(said['error']), result = objectOf(said['result'])
    if (error !== undefined) return [{ type: 'error', what: (stringOf(error['message']) ?? '?').slice(0, 200) }]
    return result !== undefined && 'bids' in result && 'change_id' in result ? bookOf(result) : control(ANSWERED)
  }

  function bookOf(data: ToldObject): readonly Said[] | undefined {
    const isChange = 'prev_change_id' in data || data['type'] === 'change'
    const place = listOf(listOf(data['bids'])?.[0] ?? listOf(data['asks'])?.[0])?.length === 2 ? 0 : 1
    const bids = levelsOf(data['bids'], place, place + 1), asks = levelsOf(data['asks'], place, place + 1)
    if (bids === undefined || asks === undefined) return undefined
    return [(isChange ? diff : snapshot)(marketOf(stringOf(data['instrument_name'])), {
      bids, asks, last: wholeOf(data['change_id']), previous: isChange ? wholeOf(data['prev_change_id']) : undefined,
      atMs: millisIn(data['timestamp']),
    })]
  }

  function tradeOf(row: ToldObject): FactSaid {
    return fact('liquidation' in row ? 'liquidation' : 'trade', marketOf(stringOf(row['instrument_name'])), {
      atMs: millisIn(row['timestamp']), id: idOf(row['trade_id']),
      facts: {
        price: decimalOf(row['price']), size: decimalOf(row['amount']), side: stringOf(row['direction']), index_price: decimalOf(row['index_price']),
        iv: measureOf(row['iv']),
      },
    })
  }

  function tickerOf(data: ToldObject): FactSaid {
    const stats = objectOf(data['stats'])
    return fact('ticker', marketOf(stringOf(data['instrument_name'])), {
      atMs: millisIn(data['timestamp']),
      facts: {
        last: decimalOf(data['last_price']), bid: decimalOf(data['best_bid_price']), bid_size: decimalOf(data['best_bid_amount']),
        ask: decimalOf(data['best_ask_price']), ask_size: decimalOf(data['best_ask_amount']), mark_price: decimalOf(data['mark_price']),
        index_price: decimalOf(data['index_price']), open_interest: decimalOf(data['open_interest']),
        funding_rate: decimalOf(data['current_funding']), funding_8h: decimalOf(data['funding_8h']), volume: decimalOf(stats?.['volume']),
        high: decimalOf(stats?.['high']), low: decimalOf(stats?.['low']), span: '24h',
      },
    })
  }

  function quoteOf(data: ToldObject): FactSaid {
    return fact('quote', marketOf(stringOf(data['instrument_name'])), {
      atMs: millisIn(data['timestamp']),
      facts: {
        bid: decimalOf(data['best_bid_price']), bid_size: decimalOf(data['best_bid_amount']), ask: decimalOf(data['best_ask_price']),
        ask_size: decimalOf(data['best_ask_amount']),
      },
    })
  }
}

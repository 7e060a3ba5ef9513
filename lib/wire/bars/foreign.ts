/** What is no market data, though it comes from the same services: named, so that nobody wonders why it gives nothing. */
import { exactObject, exactList, exactString, type Exact, type ExactObject } from '../json_exact.ts'

const NO = (what: string): string => `${what}: no market data`
const NEWS = 'news: vanta-news reads them'
const OPTIONS = 'options: vanta-options reads them'
const RULE = (what: string): string => `${what}: this tool keeps it by rule`

/** Members that only such an object has, and what it is: tried in order. */
const FOREIGN: readonly (readonly [members: readonly string[], what: string])[] = [
  [['account_number'], NO('a trading account')], [['buying_power', 'cash'], NO('a trading account')],
  [['portfolio_value', 'cash'], NO('a trading account')],
  [['dtbp_check'], NO('the settings of a trading account')], [['suspend_trade'], NO('the settings of a trading account')],
  [['client_order_id'], NO('orders of a trading account')], [['activity_type'], NO('activities of a trading account')],
  [['avg_entry_price'], NO('positions of a trading account')], [['asset_id', 'qty', 'market_value'], NO('positions of a trading account')],
  [['as_of', 'positions'], NO('positions of trading accounts')], [['profit_loss', 'equity'], NO('the history of a portfolio')],
  [['symbol', 'status', 'body'], NO('answers to orders that close positions')], [['id', 'status', 'body'], NO('answers to cancelled orders')],
  [['account_id', 'assets'], NO('a watchlist')], [['account_id', 'name', 'updated_at'], NO('watchlists')],
  [['class', 'exchange', 'symbol', 'tradable'], NO('a list of assets')], [['asset_class', 'exchange', 'symbol', 'status'], NO('a list of assets')],
  [['stream', 'data'], NO('word of a trading stream')], [['action'], NO('a request to a stream, not its answer')],
  [['sip_mapping'], NO('a list of trade conditions')], [['operating_mic'], NO('a list of exchanges')],
  [['participant_id'], NO('a list of exchanges')],
  [['code', 'description', 'asset_class'], NO('a list of kinds of ticker')],
  [['is_open', 'next_open'], RULE('the clock of the exchange')], [['date', 'open', 'close'], RULE('the calendar of the exchange')],
  [['serverTime', 'exchanges'], RULE('whether the exchanges are open')],
  [['news'], NEWS], [['headline', 'symbols'], NEWS], [['article_url'], NEWS],
  [['strike_price'], OPTIONS], [['contract_type'], OPTIONS], [['greeks'], OPTIONS],
  [['bids', 'asks'], 'an order book: vanta-orderbook reads it'],
  [['id', 'status'], NO('answers to cancelled orders')],
]

/** What the value is, in words, where it is no market data; undefined where it is not known. */
export function foreignName(value: Exact): string | undefined {
  const rows = exactList(value)
  const object = exactObject(rows === undefined ? value : rows[0])
  if (object === undefined) return undefined
  const inner = ['results', 'data', 'order'].map((name) => object[name]).filter((value) => value !== undefined)
  return nameOf(object) ?? inner.map(foreignName).find((name) => name !== undefined)
}

const nameOf = (object: ExactObject): string | undefined => FOREIGN.find(([members]) => members.every((name) => name in object))?.[1]

/** What the service says where it answers with an error. */
export function errorIn(value: Exact): string | undefined {
  const object = exactObject(value)
  if (object === undefined || 'results' in object) return undefined
  const message = exactString(object['message']) ?? exactString(object['error']) ?? exactString(exactObject(object['error'])?.['message'])
  const status = exactString(object['status'])
  const isError = message !== undefined && (Object.keys(object).length <= 6 || status === 'ERROR' || status === 'NOT_AUTHORIZED')
  return isError ? message : undefined
}

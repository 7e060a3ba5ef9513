import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, make, type Signal } from '#record'
import { StatedLinks } from '#domain/resolve/links'
import { WalletClusters } from '#domain/resolve/wallet_cluster'

const at = '2021-01-04T10:00:00.000Z'
const signal = (type: string, rest: Partial<Signal>): Signal => make('signal', { at, known_at: at, source: 'test', by: 'test/0', type, key: type, ...rest })
const told = (...signals: readonly Signal[]): string[] => {
  const links = new StatedLinks('test/0')
  return signals.flatMap((one) => links.of(one)).map((link) => {
    assert.ok('record' in check(link))
    return `${link.from} ${link.relation} ${link.to} ${link.probability}`
  })
}

test('an ownership form ties insiders to the company and the company to its ticker; each is said once', () => {
  const form = signal('form4', {
    subject: 'ticker:AAPL', author: 'sec:0001', facts: { issuer_cik: '320193', issuer_name: 'Apple', owners: [{ cik: '1', name: 'A' }, { name: ' Jane  DOE ' }] },
  })
  assert.deepEqual(told(form, form), [
    'company:cik:0000320193 listed_as ticker:AAPL 1', 'person:cik:0000000001 insider_of company:cik:0000320193 1',
    'person:name:jane doe insider_of company:cik:0000320193 0.9',
  ])
  assert.deepEqual(told(signal('form4', { facts: { issuer_cik: 7, owners: 'none' } })), [])
})

test('holdings, labels and pairs', () => {
  assert.deepEqual(told(signal('form13f', { subject: 'ticker:AAPL', facts: { manager_cik: '9', cusip: '037833100' } })),
    ['manager:cik:0000000009 holds cusip:037833100 1', 'cusip:037833100 listed_as ticker:AAPL 0.98'])
  assert.deepEqual(told(signal('transfer', { facts: { chain: 'ethereum', from: '0xa', to: '0xb', labels: { to: { name: 'Binance 14', kind: 'exchange' } } } })),
    ['wallet:ethereum:0xb belongs_to exchange:binance 0.95'])
  assert.deepEqual(told(signal('trade', { subject: 'pair:BTC/USDT' })), ['pair:BTC/USDT quoted_in coin:BTC 1'])
})

test('one odd handle on two services may be one person; short ones, numbers and one service are not linked', () => {
  const post = (author: string): Signal => signal('post', { author, key: author })
  assert.deepEqual(told(post('reddit:DeepValue99'), post('twitter:deepvalue99')), ['author:reddit:DeepValue99 same_as author:twitter:deepvalue99 0.7'])
  assert.deepEqual(told(post('reddit:bob'), post('twitter:bob'), post('reddit:12345678'), post('twitter:12345678'), post('reddit:someoneelse'), post('reddit:SomeOneElse')), [])
})

test('wallets that signed together have one owner: no more links than it takes to say so', () => {
  const wallets = new WalletClusters('test/0')
  const transfer = (...from: string[]): Signal => signal('transfer', { key: from.join(), facts: { chain: 'bitcoin', from, to: 'x' } })
  assert.equal(wallets.transfer(transfer('a', 'b', 'c')).length, 2)
  assert.equal(wallets.transfer(transfer('c', 'd')).length, 1)
  assert.equal(wallets.transfer(transfer('a', 'd')).length, 0)
  assert.equal(wallets.transfer(transfer(...Array.from({ length: 30 }, (_, i) => `w${i}`))).length, 0)
})

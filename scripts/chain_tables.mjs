/**
 * Makes models/tokens.json and models/labels.json with their cards, from recorded public data ($VANTA_SHARED, default ../shared):
 *   - tokens: contract, symbol and decimals as Ethplorer's lists of top and priced tokens and explorers' token transfers state them;
 *   - labels: name, kind and exchange of addresses as public label lists of Etherscan and its sisters give them.
 * Run: node scripts/chain_tables.mjs
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const root = new URL('..', import.meta.url)
const shared = process.env.VANTA_SHARED ?? new URL('../shared', root).pathname
const bytes = (path) => readFileSync(`${shared}/${path}`)
const json = (path) => JSON.parse(bytes(path))

const write = (name, value, card) => {
  const text = `${JSON.stringify(value, null, 1)}\n`
  writeFileSync(new URL(`models/${name}.json`, root), text)
  const sha256 = createHash('sha256').update(text).digest('hex')
  writeFileSync(new URL(`models/${name}.card.json`, root), `${JSON.stringify({ ...card, made_by: 'node scripts/chain_tables.mjs', sha256 }, null, 2)}\n`)
}

const tokens = { ethereum: new Map(), optimism: new Map() }
const know = (chain, address, symbol, decimals) => {
  if (!/^[\w$.+-]{1,16}$/.test(symbol ?? '') || !/^\d{1,2}$/.test(String(decimals))) return
  const row = `${address.toLowerCase()} ${symbol.toUpperCase()} ${decimals}`
  const known = tokens[chain].get(address.toLowerCase())
  if (known !== undefined && known !== row) throw new Error(`two statements: ${known}, ${row}`)
  tokens[chain].set(address.toLowerCase(), row)
}
for (const { address, symbol, decimals } of json('fixtures/onchain/getTopTokens.json').tokens) know('ethereum', address, symbol, decimals)
const info = json('fixtures/onchain/getAddressInfo_0x1f9840a85d5af5bf1d1762f925bdaddc4201f984.json')
// Tokens without a price are mostly advertisements under borrowed symbols.
for (const { tokenInfo } of info.tokens) if (tokenInfo.price && tokenInfo.coingecko) know('ethereum', tokenInfo.address, tokenInfo.symbol, tokenInfo.decimals)
const maker = 'fixtures/etherscan/etherscan_python/get_erc20_token_transfer_events_by_contract_address_paginated.json'
for (const { contractAddress, tokenSymbol, tokenDecimal } of json(maker).res) know('ethereum', contractAddress, tokenSymbol, tokenDecimal)
for (const { contractAddress, tokenSymbol, tokenDecimal } of json('fixtures/etherscan/rotki/blockscout_tokentx_00.json').result) know('optimism', contractAddress, tokenSymbol, tokenDecimal)
const counts = Object.fromEntries(Object.entries(tokens).map(([chain, rows]) => [chain, rows.size]))
write('tokens', Object.fromEntries(Object.entries(tokens).map(([chain, rows]) => [chain, [...rows.values()].sort().join(';')])), {
  what: 'Tokens by contract: symbol and decimals; read by lib/domain/chain/tokens.ts',
  sources: ['Ethplorer getTopTokens and getAddressInfo (as of 2022-01)', 'Etherscan and Blockscout token transfers (2020, 2024)'],
  count: counts,
  caveat: 'A token that is not here has no decimals unless the payload states them. Renamed tokens keep the symbol of then.',
})

/** A CSV row with quoted cells. */
const cellsOf = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => (quoted ?? plain ?? '').replaceAll('""', '"'))
const labels = { ethereum: new Map(), bsc: new Map(), polygon: new Map(), arbitrum: new Map() }
const slug = (name) => name.replace(/:.*$/, '').replace(/(?:\s(?:Dep|Hot Wallet|Cold Wallet)\b.*|\s\d+)$/i, '').replace(/\.com$/, '').trim().toLowerCase().replace(/[^a-z0-9]+/g, '-')
const label = (chain, address, name, kind, exchange) => {
  if (!/^0x[0-9a-f]{40}$/.test(address) || name.trim() === '') return
  const known = labels[chain].get(address)
  // The issuer's own contracts and treasury stand under the label of a sister exchange: they are not its wallets.
  const issuer = /^(?:Euro )?Tether\b/.test(name)
  if (known === undefined || (!known.exchange && exchange)) labels[chain].set(address, issuer ? { name, kind: 'issuer', exchange: '' } : { name, kind, exchange })
}
for (const line of gunzipSync(bytes('data/onchain/eth_address_labels.csv.gz')).toString().trim().split('\n').slice(1)) {
  const [address, name, exchange, kind] = cellsOf(line)
  label('ethereum', address, name, kind === 'genesis' ? 'burn' : kind, exchange)
}
const sets = { burn: 'burn', bridge: 'bridge', fund: 'fund', lido: 'lido', 'ofac-sanctions-lists': 'sanctioned', blocked: 'blocked' }
for (const [file, kind] of Object.entries(sets)) {
  for (const [address, name] of Object.entries(json(`fixtures/labels/etherscan_${file}.json`))) label('ethereum', address, name, kind, '')
}
for (const exchange of ['binance', 'bitfinex', 'coinbase', 'kraken', 'okx']) {
  for (const [address, name] of Object.entries(json(`fixtures/labels/etherscan_${exchange}.json`))) label('ethereum', address, name, 'exchange', exchange)
}
for (const [chain, file] of [['bsc', 'bscscan'], ['polygon', 'polygonscan'], ['arbitrum', 'arbiscan']]) {
  for (const [address, name] of Object.entries(json(`fixtures/labels/${file}_exchange.json`))) label(chain, address, name, 'exchange', slug(name))
}
const source = 'etherscan labels, 2023-10'
write('labels', {
  source,
  chains: Object.fromEntries(Object.entries(labels).map(([chain, rows]) => [
    chain, [...rows].sort().map(([address, { name, kind, exchange }]) => `${address}|${kind}|${exchange}|${name}`).join('\n'),
  ])),
}, {
  what: 'Who stands behind an address: name, kind, exchange; read by lib/domain/chain/labels.ts',
  sources: ['public labels of Etherscan, BscScan, PolygonScan and Arbiscan, as collected by brianleect/etherscan-labels (MIT) in 2023-10'],
  count: Object.fromEntries(Object.entries(labels).map(([chain, rows]) => [chain, rows.size])),
  exchanges: Object.fromEntries(Object.entries(labels).map(([chain, rows]) => [chain, [...rows.values()].filter(({ exchange }) => exchange).length])),
  caveat: 'Incomplete: an address without a label is not known to be no exchange. Exchanges of other chains than Ethereum are read from the name.',
})

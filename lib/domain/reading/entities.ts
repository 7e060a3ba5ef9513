/** What a text names beside securities: coins' pairs, wallets, CUSIPs, CIKs and people by their names at a service. */
import { isCusip } from '../lookup/cusips.ts'
import { isCoin } from './coins.ts'

const ETHEREUM = /\b0x[0-9a-fA-F]{40}\b/g
const BITCOIN = /\b(?:bc1[02-9ac-hj-np-z]{25,59}|[13][1-9A-HJ-NP-Za-km-z]{25,33})\b/g
const PAIR = /\b([A-Z0-9]{2,6})[/-](USDT|USDC|USD|EUR|BTC|ETH)\b/g
const CUSIP = /\bCUSIP(?:\s*(?:no\.?|number|:|#))*\s*([0-9A-Z]{9})\b/gi
const CIK = /\bCIK(?:\s*(?:no\.?|number|:|#))*\s*(\d{1,10})\b/gi
const NAME = /(?:^|[^\w@./])(@|\/?u\/)(\w{2,30})/g
/** Texts that list more are lists. */
const MOST = 50

/** In order, each once; `service` is where names with an @ belong to: `twitter`. */
export function entitiesIn(text: string, service: string | undefined): readonly string[] {
  const found = new Set<string>()
  if (text.includes('0x')) for (const [address] of text.matchAll(ETHEREUM)) found.add(`wallet:ethereum:${address.toLowerCase()}`)
  for (const [address] of text.matchAll(BITCOIN)) if (/\d/.test(address)) found.add(`wallet:bitcoin:${address}`)
  for (const [, base = '', quote = ''] of text.matchAll(PAIR)) if (isCoin(base)) found.add(`pair:${base}/${quote}`)
  if (/cusip/i.test(text)) for (const [, cusip = ''] of text.matchAll(CUSIP)) if (isCusip(cusip.toUpperCase())) found.add(`cusip:${cusip.toUpperCase()}`)
  if (/cik/i.test(text)) for (const [, cik = ''] of text.matchAll(CIK)) found.add(`cik:${cik.padStart(10, '0')}`)
  for (const [, mark = '', name = ''] of text.matchAll(NAME)) {
    if (mark !== '@') found.add(`author:reddit:${name}`)
    else if (service !== undefined) found.add(`author:${service}:${name}`)
  }
  return [...found].slice(0, MOST)
}

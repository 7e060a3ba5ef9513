/** What users choose of chains, as they type it. */
import { AnomalyWatch } from '#domain/chain/anomaly'
import { CHAIN_NAMES, chainNamed, evmAddress, type Chain } from '#domain/chain/address'
import type { LabelEntry } from '#domain/chain/labels'
import { contractOf } from '#domain/chain/tokens'
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import type { Reading } from '#port/payload'
import type { Secret, Service } from '#port/outside'
import type { Credentials } from '#port/secrets'
import { textOf } from '../text.ts'
import { labelEntries } from './label_sets.ts'
import type { ChainOptions, Thresholds } from './payload.ts'

export interface Typed {
  readonly types?: readonly string[] | undefined
  readonly chain?: string | undefined
  readonly coin?: string | undefined
  readonly labels?: readonly string[] | undefined
  readonly minUsd?: string | undefined
  readonly minAmount?: readonly string[] | undefined
  readonly window: Millis
  readonly anomaly: number
}

export function chosen({ types, chain, coin, labels, minUsd, minAmount, window, anomaly }: Typed, reading: Reading): ChainOptions {
  if (chain !== undefined) namedChain(chain)
  return {
    wanted: types === undefined ? undefined : new Set(types), chain, coin: coin?.toUpperCase(),
    labels: labels?.flatMap((each) => labelsOf(each, reading)),
    thresholds: thresholdsOf(minUsd, minAmount), watch: new AnomalyWatch(window, anomaly),
  }
}

export function namedChain(name: string): Chain {
  const chain = chainNamed(name)
  if (chain === undefined) throw new Failure('usage', `--chain: expected one of ${CHAIN_NAMES.join(', ')}, got "${name}"`)
  return chain
}

/** `FILE`, or `KIND=FILE` where all its addresses are of one kind. */
function labelsOf(typed: string, { file }: Reading): readonly LabelEntry[] {
  const [, kind, path = typed] = /^([a-z][a-z-]*)=(.+)$/.exec(typed) ?? []
  if (file === undefined) throw new Failure('usage', '--labels: no files are at hand here')
  const entries = labelEntries(textOf(file(path)), path, kind)
  if (entries === undefined || entries.length === 0) throw new Failure('data', `${path}: no labelled addresses`)
  return entries
}

function thresholdsOf(usd: string | undefined, amounts: readonly string[] | undefined): Thresholds | undefined {
  if (usd === undefined && amounts === undefined) return undefined
  const pairs = (amounts ?? []).map((each) => {
    const [, of, least] = /^([\w$.+-]+)=(\d+(?:\.\d+)?)$/.exec(each) ?? []
    if (of === undefined || least === undefined) throw new Failure('usage', `--min-amount: expected COIN=AMOUNT such as ETH=100, got "${each}"`)
    return [evmAddress(of) ?? of.toUpperCase(), least] as const
  })
  return { usd, amounts: new Map(pairs) }
}

/** Coins by name, as far as the table knows their contract on the chain, or contracts. */
export function contractsOf(chain: Chain, typed: readonly string[]): readonly string[] {
  return typed.map((each) => {
    const contract = evmAddress(each) ?? contractOf(chain.name, each.toUpperCase())
    if (contract === undefined) throw new Failure('usage', `--tokens: no contract of ${each} on ${chain.name} is known: give its address`)
    return contract
  })
}

/** Keys of a node stand in the path of its address as `{name}`: filled from the credentials, on the wire only. */
export async function nodeAt(typed: string, credentials: (...keys: readonly string[]) => Promise<Credentials>): Promise<{
  readonly url: string; readonly service: Service; readonly secret: Secret | undefined,
}> {
  const names = [...typed.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  let origin: string, host: string
  try {
    const url = new URL(typed)
    if (!/^https?:$/.test(url.protocol) || url.username !== '') throw new TypeError()
    origin = url.origin
    host = url.host.replace(/[^a-z0-9]+/g, '_')
  } catch {
    throw new Failure('usage', `--rpc: expected the address of a node such as http://127.0.0.1:8545, got "${typed}"`)
  }
  const secret = names.length === 0 ? undefined : { path: await credentials(...names) }
  return { url: typed, service: { name: `rpc_${host}`, origins: [origin], rate: { requests: 10, perMs: 1000 } }, secret }
}

/** What vanta-whales asks when it is given no files: the streams that the user names, one after the other. */
import type { Vanta } from '#record'
import type { Clock } from '#port/clock'
import { Failure } from '#port/failure'
import type { Http, Service } from '#port/outside'
import type { Credentials } from '#port/secrets'
import { contractsOf, namedChain, nodeAt, type Typed } from './choices.ts'
import { rpcRound, watched, type Asking } from './live_rpc.ts'
import { EXPLORER_SERVICE, explorerRound, mempoolRound, WHALE_ALERT_SERVICE, whaleAlertRound, type ExplorerTerms } from './live_web.ts'

export const STREAMS = ['rpc', 'etherscan', 'mempool', 'whale_alert'] as const
type Stream = (typeof STREAMS)[number]

export interface LiveTyped extends Typed {
  readonly streams: readonly string[]
  readonly rpc: string | undefined
  readonly tokens: readonly string[]
  readonly confirmations: number
  readonly range: number
  readonly fromBlock: number | undefined
  readonly address: readonly string[] | undefined
}

export interface ChainWorld extends Asking {
  readonly clock: Clock
  httpOf(service: Service): Http
  credentials(...keys: readonly string[]): Promise<Credentials>
  readonly pause: ExplorerTerms['pause']
}

/** Dollars below which Whale Alert is not asked, where the user does not say: the least of its free plan. */
const LEAST_USD = '500000'

const rounds: { readonly [stream in Stream]: (typed: LiveTyped, world: ChainWorld) => AsyncIterable<Vanta> } = {
  async *rpc(typed, world) {
    if (typed.rpc === undefined) throw new Failure('usage', '--rpc is required for the stream rpc')
    const chain = namedChain(typed.chain ?? 'ethereum')
    const { url, service, secret } = await nodeAt(typed.rpc, world.credentials)
    yield* rpcRound({
      url, secret, chain, contracts: watched(chain, contractsOf(chain, typed.tokens)), confirmations: BigInt(Math.max(0, typed.confirmations)),
      span: BigInt(Math.max(1, typed.range)), start: typed.fromBlock === undefined ? undefined : BigInt(typed.fromBlock),
    }, { ...world, http: world.httpOf(service) })
  },
  async *etherscan(typed, world) {
    const addresses = typed.address ?? []
    if (addresses.length === 0) throw new Failure('usage', '--address is required for the stream etherscan')
    const { id } = namedChain(typed.chain ?? 'ethereum')
    if (id === undefined) throw new Failure('usage', `--chain: the explorer does not know ${typed.chain}`)
    const wrong = addresses.find((address) => !/^0x[0-9a-fA-F]{40}$/.test(address))
    if (wrong !== undefined) throw new Failure('usage', `--address: expected 0x and 40 hex digits, got "${wrong}"`)
    const { etherscan_key: key = '' } = await world.credentials('etherscan_key')
    const terms = { chainId: id, addresses: addresses.map((address) => address.toLowerCase()), key, pause: world.pause }
    yield* explorerRound(terms, { ...world, http: world.httpOf(EXPLORER_SERVICE) })
  },
  async *whale_alert(typed, world) {
    const { whale_alert_key: key = '' } = await world.credentials('whale_alert_key')
    const terms = { key, least: typed.minUsd?.replace(/\..*$/, '') ?? LEAST_USD, nowMs: world.clock.now() }
    yield* whaleAlertRound(terms, { ...world, http: world.httpOf(WHALE_ALERT_SERVICE) })
  },
  mempool: ({ window, anomaly }, world) => mempoolRound({ windowMs: window, threshold: anomaly }, world),
}

export async function* askChains(typed: LiveTyped, world: ChainWorld): AsyncGenerator<Vanta> {
  const { streams, types } = typed
  const strange = streams.find((each) => !STREAMS.some((stream) => stream === each))
  if (strange !== undefined) throw new Failure('usage', `--streams: expected ${STREAMS.join(', ')}, got "${strange}"`)
  if (types?.includes('anomaly') === true && !types.includes('mempool')) {
    throw new Failure('usage', '--types: live, anomalies are said with the mempool alone: anomaly,mempool')
  }
  for (const stream of STREAMS) if (streams.includes(stream)) yield* rounds[stream](typed, world)
}

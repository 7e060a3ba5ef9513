/**
 * Logs of EVM chains: what the events of tokens, wrapped coins, pools and the staking deposit contract say (ABI:
 * https://docs.soliditylang.org/en/latest/abi-spec.html).
 */
import type { Millis, Signal } from '#record'
import { evmAddress, topicAddress, wordAddress } from '#domain/chain/address'
import { scaled, signedWord, wordsOf } from '#domain/chain/quantity'
import { isWrapped, tokenAt } from '#domain/chain/tokens'
import { moveSignal, signal, type Move, type Scope, type State } from './signals.ts'

export interface EvmLog {
  readonly chain: string
  readonly contract: string
  readonly topics: readonly string[]
  readonly data: string
  readonly tx: string
  readonly index: string
  readonly block: string | undefined
  readonly blockHash: string | undefined
  readonly atMs: Millis | undefined
  readonly state: State
}

/** First topics: Keccak-256 of the events' signatures. */
export const TOPICS = {
  'Transfer(address,address,uint256)': '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
  'TransferSingle(address,address,address,uint256,uint256)': '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62',
  'TransferBatch(address,address,address,uint256[],uint256[])': '0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb',
  'Deposit(address,uint256)': '0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c',
  'Withdrawal(address,uint256)': '0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65',
  'Issue(uint256)': '0xcb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a',
  'Redeem(uint256)': '0x702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44',
  'DestroyedBlackFunds(address,uint256)': '0x61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6',
  'DepositEvent(bytes,bytes,bytes,bytes,bytes)': '0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5',
  'Swap(address,uint256,uint256,uint256,uint256,address)': '0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822',
  'Swap(address,address,int256,int256,uint160,uint128,int24)': '0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67',
  'Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)': '0x19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83',
  'Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)': '0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f',
} as const

/** Where 32 ETH become a validator (https://ethereum.org/en/staking/deposit-contract). */
export const DEPOSIT_CONTRACT = '0x00000000219ab540356cbb839cbe05303d7705fa'

type Decoder = (log: EvmLog, words: readonly bigint[], scope: Scope) => Signal | readonly Signal[] | string

const decoders = new Map<string, Decoder>([
  [TOPICS['Transfer(address,address,uint256)'], transfer],
  [TOPICS['TransferSingle(address,address,address,uint256,uint256)'], (log, [tokenId, units], scope) => several(log, [[tokenId, units]], scope)],
  [TOPICS['TransferBatch(address,address,address,uint256[],uint256[])'], (log, words, scope) => several(log, batchOf(words), scope)],
  [TOPICS['Deposit(address,uint256)'], (log, [units], scope) => wrapped(log, { to: topicAddress(log.topics[1]), units, type: 'mint' }, scope)],
  [TOPICS['Withdrawal(address,uint256)'], (log, [units], scope) => wrapped(log, { from: topicAddress(log.topics[1]), units, type: 'burn' }, scope)],
  [TOPICS['Issue(uint256)'], (log, [units], scope) => issued(log, { units, type: 'mint', how: 'issue' }, scope)],
  [TOPICS['Redeem(uint256)'], (log, [units], scope) => issued(log, { units, type: 'burn', how: 'redeem' }, scope)],
  [TOPICS['DestroyedBlackFunds(address,uint256)'], (log, words, scope) => {
    const from = topicAddress(log.topics[1]) ?? wordAddress(words[0])
    return issued(log, { from, units: words.at(-1), type: 'burn', how: 'destroyed' }, scope)
  }],
  [TOPICS['DepositEvent(bytes,bytes,bytes,bytes,bytes)'], staked],
  [TOPICS['Swap(address,uint256,uint256,uint256,uint256,address)'], (log, [in0 = 0n, in1 = 0n, out0 = 0n, out1 = 0n], scope) =>
    swap(log, in0 - out0, in1 - out1, {}, scope)],
  [TOPICS['Swap(address,address,int256,int256,uint160,uint128,int24)'], swapOfV3],
  [TOPICS['Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)'], swapOfV3],
  // Here the amounts are the swapper's, not the pool's.
  [TOPICS['Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)'], (log, words, scope) =>
    swapOfV3(log, words.map((word, i) => (i < 2 ? BigInt.asUintN(256, -signedWord(word)) : word)), scope, log.topics[1])],
])

const NO_MOVE = 'an event that moves nothing we know'

export const isKnownEvent = ({ topics }: EvmLog): boolean => decoders.has(topics[0] ?? '')

/** Signals of one log, or one reject. */
export function signalsOfLog(log: EvmLog, scope: Scope, place: string): readonly Signal[] {
  const decode = decoders.get(log.topics[0] ?? '')
  const words = wordsOf(log.data === '' ? '0x' : log.data)
  const found = decode === undefined ? NO_MOVE : words === undefined ? 'data that is no whole number of words' : decode(log, words, scope)
  if (typeof found !== 'string') return 'kind' in found ? [found] : found
  scope.reject(place, found)
  return []
}

type Rest = Omit<Partial<Move>, 'chain' | 'tx'>
function move(log: EvmLog, rest: Rest, scope: Scope): Signal {
  const { chain, tx, index, contract, block, blockHash, atMs, state } = log
  return moveSignal(scope, { chain, tx, part: index, token: contract, block, blockHash, atMs, state, ...rest })
}

/**
 * ERC-20 and ERC-721 have one signature: a fourth topic is an NFT's id. Older tokens index fewer of the three, or none, and state the rest as
 * data in the same order; their last number is taken as an amount, since nothing tells it from an id.
 */
function transfer(log: EvmLog, words: readonly bigint[], scope: Scope): Signal | string {
  const indexed = log.topics.slice(1)
  if (indexed.length + words.length !== 3) return 'a Transfer without its three values'
  const [from, to] = [0, 1].map((i) => (i < indexed.length ? topicAddress(indexed[i]) : wordAddress(words[i - indexed.length])))
  const last = indexed.length === 3 ? wordsOf(indexed[2] ?? '')?.[0] : words.at(-1)
  if (from === undefined || to === undefined || last === undefined) return 'a Transfer whose ends are no addresses'
  return move(log, { from, to, ...(indexed.length === 3 ? { tokenId: last.toString() } : { units: last }) }, scope)
}

/** ERC-1155: several ids at once, each with an amount. */
function several(
  log: EvmLog, pairs: readonly (readonly [bigint | undefined, bigint | undefined])[] | undefined, scope: Scope,
): readonly Signal[] | string {
  const from = topicAddress(log.topics[2]), to = topicAddress(log.topics[3])
  if (pairs === undefined || pairs.length === 0 || from === undefined || to === undefined) return NO_VALUES
  const signals: Signal[] = []
  for (const [i, [tokenId, units]] of pairs.entries()) {
    if (tokenId === undefined || units === undefined) return NO_VALUES
    signals.push(move(log, { from, to, tokenId: tokenId.toString(), units, part: pairs.length === 1 ? log.index : `${log.index}.${i}` }, scope))
  }
  return signals
}
const NO_VALUES = 'an ERC-1155 transfer without its values'

/** Two dynamic arrays of one length, ids and amounts. */
function batchOf(words: readonly bigint[]): readonly (readonly [bigint | undefined, bigint | undefined])[] | undefined {
  const [ids, amounts] = [words[0], words[1]].map((offset) => {
    const place = offset === undefined || offset % 32n !== 0n || offset / 32n >= BigInt(words.length) ? undefined : Number(offset / 32n)
    const length = place === undefined ? undefined : words[place]
    if (place === undefined || length === undefined || length > BigInt(words.length - place - 1)) return undefined
    return words.slice(place + 1, place + 1 + Number(length))
  })
  return ids === undefined || amounts === undefined || ids.length !== amounts.length ? undefined : ids.map((id, i) => [id, amounts[i]])
}

interface Made {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly units: bigint | undefined
  readonly type: 'mint' | 'burn'
}

/** Coins go in, as many tokens come out, and the other way: many contracts use these names, so that only known ones count. */
function wrapped(log: EvmLog, { type, ...rest }: Made, scope: Scope): Signal | string {
  if (!isWrapped(tokenAt(log.chain, log.contract)) || rest.units === undefined) return NO_MOVE
  return move(log, { ...rest, made: { type, how: type === 'mint' ? 'wrap' : 'unwrap' } }, scope)
}

/** Tether's own events: its issues and redemptions are no transfers. */
function issued(log: EvmLog, { type, how, ...rest }: Made & { readonly how: string }, scope: Scope): Signal | string {
  if (tokenAt(log.chain, log.contract)?.coin !== 'USDT' || rest.units === undefined) return NO_MOVE
  return move(log, { ...rest, made: { type, how } }, scope)
}

const GWEI_DECIMALS = 9
export const WEI_PER_GWEI = 1_000_000_000n

/** Five byte strings: public key, withdrawal credentials, amount (gwei, little-endian), signature, index. */
function staked(log: EvmLog, _words: readonly bigint[], scope: Scope): Signal | string {
  const bytes = Buffer.from(log.data.slice(2), 'hex')
  const part = (i: number): Buffer | undefined => {
    if (bytes.length < 32 * (i + 1)) return undefined
    const start = Number(bytes.readBigUInt64BE(32 * i + 24))
    if (start + 32 > bytes.length) return undefined
    const length = Number(bytes.readBigUInt64BE(start + 24))
    return length > 4096 || start + 32 + length > bytes.length ? undefined : bytes.subarray(start + 32, start + 32 + length)
  }
  const [pubkey, credentials, amount] = [part(0), part(1), part(2)]
  if (log.contract !== DEPOSIT_CONTRACT) return NO_MOVE
  if (pubkey?.length !== 48 || credentials?.length !== 32 || amount?.length !== 8) return 'a deposit without its values'
  const units = amount.readBigUInt64LE()
  return move(log, {
    token: undefined, to: log.contract, units: units * WEI_PER_GWEI, made: { type: 'stake', how: 'deposit' },
    more: { validator: `0x${pubkey.toString('hex')}`, withdrawal_address: withdrawalAddress(`0x${credentials.toString('hex')}`) },
  }, scope)
}

/** Credentials of kind 1 and 2 end in an address. */
export const withdrawalAddress = (credentials: string | undefined): string | undefined =>
  /^0x0[12]0{22}[0-9a-f]{40}$/i.test(credentials ?? '') ? evmAddress(credentials?.slice(26)) : undefined

function swapOfV3(log: EvmLog, [in0, in1, price, liquidity, tick]: readonly bigint[], scope: Scope, pool?: string): Signal | string {
  if (in0 === undefined || in1 === undefined || tick === undefined) return 'a swap without its values'
  return swap(log, signedWord(in0), signedWord(in1), {
    sqrt_price_x96: price?.toString(), liquidity: liquidity?.toString(), tick: signedWord(tick).toString(), pool_id: pool,
  }, scope)
}

/** Amounts are the pool's: positive went in. Which tokens they are the event does not say. */
function swap(log: EvmLog, net0: bigint, net1: bigint, more: { readonly [name: string]: string | undefined }, scope: Scope): Signal {
  const { chain, tx, index, contract, block, blockHash, atMs, state } = log
  return signal(scope, {
    type: 'swap', key: `${chain}:${tx}:${index}`, source: `${chain}/swaps`, subject: `pool:${chain}:${more['pool_id'] ?? contract}`, atMs,
    facts: { chain, tx, part: index, pool: contract, net0: net0.toString(), net1: net1.toString(), ...more, block, block_hash: blockHash, state },
  })
}

/** Amounts of the beacon chain are in gwei, 10^-9 of a coin. */
export const gweiAmount = (gwei: bigint): string | undefined => scaled(gwei, GWEI_DECIMALS)

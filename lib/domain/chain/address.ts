/** Chains by name, and addresses in one canonical form: lower case on EVM chains (the capitals of EIP-55 are a checksum), as written on Bitcoin. */

export interface Chain {
  readonly name: string
  /** EIP-155; undefined where the chain is no EVM chain. */
  readonly id?: number
  /** The chain's own coin, and its decimals. */
  readonly coin: string
  readonly decimals: number
}

const evm = (name: string, id: number, coin = 'ETH'): Chain => ({ name, id, coin, decimals: 18 })

/** Ids from https://chainlist.org as of 2026. */
const CHAINS: readonly Chain[] = [
  { name: 'bitcoin', coin: 'BTC', decimals: 8 },
  evm('ethereum', 1), evm('optimism', 10), evm('bsc', 56, 'BNB'), evm('gnosis', 100, 'XDAI'), evm('polygon', 137, 'POL'), evm('base', 8453),
  evm('arbitrum', 42161), evm('avalanche', 43114, 'AVAX'), evm('linea', 59144), evm('scroll', 534352), evm('zksync', 324), evm('sepolia', 11155111),
]
export const CHAIN_NAMES: readonly string[] = CHAINS.map(({ name }) => name)

export const chainNamed = (name: string): Chain | undefined => CHAINS.find((chain) => chain.name === name)
export const chainOfId = (id: number): Chain | undefined => CHAINS.find((chain) => chain.id === id)

export const ZERO_ADDRESS = `0x${'0'.repeat(40)}`

const EVM = /^(?:0x)?([0-9a-fA-F]{40})$/
/** A topic of a log holds an address in the last 20 of its 32 bytes. */
const TOPIC = /^0x0{24}([0-9a-fA-F]{40})$/
const BITCOIN = /^(?:[13][1-9A-HJ-NP-Za-km-z]{25,39}|bc1[02-9ac-hj-np-z]{8,87}|BC1[02-9AC-HJ-NP-Z]{8,87})$/

export function evmAddress(text: string | undefined): string | undefined {
  const digits = EVM.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : `0x${digits.toLowerCase()}`
}

export function topicAddress(topic: string | undefined): string | undefined {
  const digits = TOPIC.exec(topic ?? '')?.[1]
  return digits === undefined ? undefined : `0x${digits.toLowerCase()}`
}

export function wordAddress(word: bigint | undefined): string | undefined {
  return word === undefined || word >> 160n !== 0n ? undefined : `0x${word.toString(16).padStart(40, '0')}`
}

/** bech32 has no case of its own: written in capitals it is the same address. */
export function bitcoinAddress(text: string | undefined): string | undefined {
  if (text === undefined || !BITCOIN.test(text)) return undefined
  return text.startsWith('BC1') ? text.toLowerCase() : text
}

/** Told by its look; what is neither of the two is left as it stands. */
export const canonicalAddress = (text: string): string => evmAddress(text) ?? bitcoinAddress(text) ?? text

const HASH = /^(?:0x)?([0-9a-fA-F]{64})$/
/** A transaction or block hash of an EVM chain. */
export function evmHash(text: string | undefined): string | undefined {
  const digits = HASH.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : `0x${digits.toLowerCase()}`
}
export const bitcoinHash = (text: string | undefined): string | undefined => (/^[0-9a-f]{64}$/.test(text ?? '') ? text : undefined)

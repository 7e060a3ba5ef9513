/**
 * Tokens that are known by their contract: models/tokens.json, made by scripts/chain_tables.mjs. Symbols that contracts give themselves prove
 * nothing.
 */
import table from '../../../models/tokens.json' with { type: 'json' }

export interface Token {
  readonly coin: string
  readonly decimals: number
}

const rows: { readonly [chain: string]: string } = table
const chains = new Map<string, ReadonlyMap<string, Token>>()

/** Rows are `address symbol decimals`, separated by semicolons. */
function tokensOf(chain: string): ReadonlyMap<string, Token> {
  let tokens = chains.get(chain)
  if (tokens === undefined) {
    tokens = new Map((rows[chain] ?? '').split(';').flatMap((row) => {
      const [address, coin, decimals] = row.split(' ')
      return address === undefined || coin === undefined ? [] : [[address, { coin, decimals: Number(decimals) }]]
    }))
    chains.set(chain, tokens)
  }
  return tokens
}

export const tokenAt = (chain: string, contract: string): Token | undefined => tokensOf(chain).get(contract)

/** The contract of a coin on a chain. */
export function contractOf(chain: string, coin: string): string | undefined {
  for (const [address, token] of tokensOf(chain)) if (token.coin === coin) return address
  return undefined
}

/** Contracts that wrap the chain's own coin, one to one. */
export const isWrapped = (token: Token | undefined): boolean => token?.coin === 'WETH'

/**
 * Wallets of one owner: whoever signs several inputs of one Bitcoin transaction holds the keys of all (Meiklejohn et al., "A fistful of bitcoins",
 * IMC 2013, heuristic 1). Transactions of very many senders may mix owners on purpose, and are left out.
 */
import { make, type Link, type Signal } from '#record'

/** Wallets remembered; beyond, the clusters that were joined longest ago are forgotten. */
const WALLETS_MOST = 500_000
/** Beyond so many senders nothing is concluded. */
const SENDERS_MOST = 20
/** How sure one joint signature makes: services that pay for several customers at once exist. */
const PROBABILITY = 0.9

export class WalletClusters {
  readonly #by: string
  readonly #above = new Map<string, string>()

  constructor(by: string) {
    this.#by = by
  }

  /** Links between senders of one transaction that were not known to be one. */
  transfer(signal: Signal): readonly Link[] {
    const { from, chain } = signal.facts ?? {}
    if (!Array.isArray(from) || typeof chain !== 'string') return []
    const wallets = from.filter((wallet): wallet is string => typeof wallet === 'string').map((wallet) => `wallet:${chain}:${wallet}`)
    const [first, ...others] = wallets
    if (first === undefined || wallets.length > SENDERS_MOST) return []
    const links: Link[] = []
    for (const other of others) {
      const a = this.#rootOf(first), b = this.#rootOf(other)
      if (a === b) continue
      this.#above.set(b, a)
      links.push(this.#link(signal, first, other))
    }
    while (this.#above.size > WALLETS_MOST) {
      const [oldest] = this.#above.keys()
      if (oldest === undefined) break
      this.#above.delete(oldest)
    }
    return links
  }

  #link({ id, at, known_at, source }: Signal, from: string, to: string): Link {
    return make('link', {
      at, known_at, source, by: this.#by, parents: [id], from, to, relation: 'same_owner', probability: PROBABILITY,
      reason: 'signed one transaction together',
    })
  }

  #rootOf(wallet: string): string {
    let root = wallet
    for (let above = this.#above.get(root); above !== undefined; above = this.#above.get(root)) root = above
    for (let at = wallet; at !== root;) {
      const above = this.#above.get(at) ?? root
      if (above !== root) this.#above.set(at, root)
      at = above
    }
    return root
  }
}

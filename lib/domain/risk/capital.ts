/** How far vaults are below their highest, by their own `pnl` records. */
import type { Pnl } from '#record'

interface Vault {
  day: string
  equity: number
  /** At the end of the day before. */
  before: { readonly equity: number; readonly unit: number } | undefined
  /** What one unit put in at the start has become, and the most it has been: money that comes in or leaves is no gain and no loss. */
  unit: number
  highest: number
}

export class CapitalWatch {
  readonly #vaults = new Map<string, Vault>()

  hear({ vault: name, day, equity: text, flow }: Pnl): void {
    const equity = Number(text)
    const vault = this.#vaults.get(name)
    if (vault === undefined) {
      this.#vaults.set(name, { day, equity, before: undefined, unit: 1, highest: 1 })
      return
    }
    if (day < vault.day) return
    // A day may be told more than once, each time with all of its flow.
    if (day > vault.day) vault.before = { equity: vault.equity, unit: vault.unit }
    const { before } = vault
    if (before !== undefined && before.equity > 0) vault.unit = before.unit * Math.max(0, (equity - Number(flow ?? 0)) / before.equity)
    vault.highest = Math.max(vault.highest, vault.unit)
    vault.day = day
    vault.equity = equity
  }

  /** Of the vault that has fallen most: 0.2 is 20 %; undefined where there is none. */
  drawdown(): number | undefined {
    let most: number | undefined
    for (const { unit, highest } of this.#vaults.values()) most = Math.max(most ?? 0, 1 - unit / highest)
    return most
  }
}

/** Small bars in table cells: all of one table on one scale, zero where the values leave room for it. */
import { html, type Markup } from './markup.ts'

export class BarScale {
  readonly #low: number
  readonly #width: number

  constructor(values: readonly number[]) {
    let low = 0, high = 0
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    this.#low = low
    this.#width = high - low
  }

  /** A table cell. */
  cell(value: number): Markup {
    const zero = this.#place(0), from = this.#place(Math.min(0, value)), to = this.#place(Math.max(0, value))
    const bar = html`<i class="${value < 0 ? 'minus' : 'plus'}" style="left:${from}%;width:${tenths(to - from)}%"></i>`
    return html`<td class="bar"><span><i class="zero" style="left:${zero}%"></i>${value !== 0 && bar}</span></td>`
  }

  #place(value: number): number {
    return this.#width > 0 ? tenths(((value - this.#low) / this.#width) * 100) : 0
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10

/** A report as one line of `logs/reflection_digest.log`: the figures, and each sentence with the records it rests on. */
import { formatFixed } from '../money/decimal.ts'
import type { Material } from './figures.ts'
import type { Report } from './page.ts'

export interface Written {
  readonly at: string
  /** Where the page stands. */
  readonly out: string
  readonly by: string
}

/** Figures that are not known are null. */
export function digestLine({ figures, sentences }: Report, { audit }: Material, { at, out, by }: Written): string {
  const { precision } = figures
  return JSON.stringify({
    at, by,
    from: figures.from ?? null, to: figures.to ?? null, currency: figures.currency,
    equity_start: moneyText(figures.equityStart), equity_end: moneyText(figures.equityEnd), fees: moneyText(figures.fees),
    return: figures.return ?? null, benchmark: figures.benchmark ?? null, benchmark_return: figures.benchmarkReturn ?? null,
    return_without_best: figures.returnWithoutBest ?? null, best_subject: figures.bestSubject ?? null,
    max_drawdown: figures.maxDrawdown ?? null, sharpe: figures.sharpe ?? null, sharpe_n: figures.sharpeN ?? null,
    trades: figures.trades ?? null,
    mean_trade_return: figures.meanTradeReturn ?? null, median_trade_return: figures.medianTradeReturn ?? null,
    precision_at_5: precision?.value ?? null, precision_at_5_base_rate: precision?.baseRate ?? null,
    precision_at_5_n: precision?.n ?? null,
    sentences: [...sentences.lede, ...sentences.caveats],
    audit_root: audit?.rootHex ?? null, audit_size: audit?.size ?? null, report: out,
  })
}

const moneyText = (amount: bigint | undefined): string | null => (amount === undefined ? null : formatFixed(amount))

/** Day by day what one unit of the capital returned, money that came or left aside: read off `memory/pnl_summary.json`. */
import type { Json } from '#record'
import { stepReturns } from '../pnl/performance.ts'

type Memory = { readonly [field: string]: Json | undefined }

const isPoint = (value: Json): value is { readonly day: string; readonly growth: number } =>
  typeof value === 'object' && value !== null && 'day' in value && typeof value.day === 'string' && 'growth' in value && typeof value.growth === 'number'

function curveOf(pnl: Memory): readonly { readonly day: string; readonly growth: number }[] {
  const curve = pnl['growth_curve']
  return Array.isArray(curve) ? curve.filter((point: Json): point is { day: string; growth: number } => isPoint(point)) : []
}

export const daysOf = (pnl: Memory): string[] => curveOf(pnl).map(({ day }) => day)

/** One for each day, in step with `daysOf`, unless the capital was ever lost. */
export const dailyReturnsOf = (pnl: Memory): number[] => stepReturns([1, ...curveOf(pnl).map(({ growth }) => growth)])

export function decayed(weight: number, ageMs: number, halfLifeMs: number): number {
  return weight * Math.exp((-Math.LN2 * ageMs) / halfLifeMs)
}
export function halfLifeOf(_source: string): number { return 6*3600000 }

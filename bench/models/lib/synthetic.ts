/**
 * Made-up series with marked anomalies, of the kinds that monitoring sees: what detectors' settings are chosen on, so that no setting is chosen on a set
 * that it is scored on. Windows of anomaly are placed as NAB places them: a tenth of a series over all of them, around each.
 */
import { chance } from './shared.ts'
import type { NabFile } from './nab_files.ts'

const STEP_MS = 300_000, DAY = 288

type Draw = () => number

/** Normal by Box and Muller. */
const normalOf = (draw: Draw) => (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

interface Recipe {
  readonly name: string
  /** The series, with anomalies written into it at these places. */
  make(n: number, at: readonly number[], draw: Draw): Float64Array
}

const ar = (n: number, phi: number, sd: number, normal: () => number): Float64Array => {
  const values = new Float64Array(n)
  for (let i = 1; i < n; i++) values[i] = phi * (values[i - 1] ?? 0) + sd * normal()
  return values
}

const RECIPES: readonly Recipe[] = [
  {
    name: 'load with spikes, level shifts',
    make(n, at, draw) {
      const normal = normalOf(draw), noise = ar(n, 0.6, 1, normal)
      let level = 40
      return noise.map((e, i) => {
        if (at.includes(i)) level += (draw() < 0.5 ? -1 : 1) * 12
        return level + e + (draw() < 0.004 ? 8 * draw() : 0)
      })
    },
  },
  {
    name: 'heavy-tailed load, bursts',
    make(n, at, draw) {
      const normal = normalOf(draw)
      return ar(n, 0.3, 0.4, normal).map((e, i) => {
        const burst = at.some((a) => i >= a && i < a + 12)
        return Math.exp(1 + e + (draw() < 0.02 ? 1.5 * draw() : 0)) * (burst ? 6 : 1)
      })
    },
  },
  {
    name: 'daily square wave, a day that fails',
    make(n, at, draw) {
      const normal = normalOf(draw)
      return Float64Array.from({ length: n }, (_, i) => {
        const phase = i % DAY, high = phase > 100 && phase < 220, odd = at.some((a) => Math.floor(i / DAY) === Math.floor(a / DAY))
        return (high ? (odd ? 45 : 80) : 20) + 2 * normal()
      })
    },
  },
  {
    name: 'daily wave of counts, bursts',
    make(n, at, draw) {
      const normal = normalOf(draw), slow = ar(n, 0.9, 0.1, normal)
      return slow.map((e, i) => {
        const rate = 30 * (1.4 + Math.sin((2 * Math.PI * i) / DAY)) * Math.exp(e)
        const burst = at.some((a) => i >= a && i < a + 20) ? 4 : draw() < 0.003 ? 2.5 : 1
        return Math.max(0, Math.round(rate * burst + Math.sqrt(rate * burst) * normal()))
      })
    },
  },
  {
    name: 'traffic by weekday, jams',
    make(n, at, draw) {
      const normal = normalOf(draw), slow = ar(n, 0.95, 0.6, normal)
      return slow.map((e, i) => {
        const phase = i % DAY, weekend = Math.floor(i / DAY) % 7 >= 5
        const rush = weekend ? 0 : 12 * (Math.exp(-(((phase - 100) / 15) ** 2)) + Math.exp(-(((phase - 210) / 18) ** 2)))
        const jam = at.some((a) => i >= a && i < a + 40)
        return Math.max(3, 70 - rush - (jam ? 35 : 0) + e + 1.5 * normal())
      })
    },
  },
  {
    name: 'quiet with pulses, pulses grow dense',
    make(n, at, draw) {
      const normal = normalOf(draw)
      return Float64Array.from({ length: n }, (_, i) => {
        const dense = at.some((a) => i >= a && i < a + 150)
        return (i % (dense ? 5 : 25) === 0 ? 60 + 3 * normal() : 10 + normal()) + draw()
      })
    },
  },
  {
    name: 'slow temperature, falls',
    make(n, at, draw) {
      const normal = normalOf(draw), slow = ar(n, 0.999, 0.3, normal)
      return slow.map((e, i) => 80 + e + 3 * Math.sin((2 * Math.PI * i) / DAY) + 0.3 * normal() - (at.some((a) => i >= a && i < a + 80) ? 14 : 0))
    },
  },
  {
    name: 'noise that grows louder',
    make(n, at, draw) {
      const normal = normalOf(draw)
      return ar(n, 0.5, 1, normal).map((e, i) => 20 + e * (at.some((a) => i >= a && i < a + 100) ? 4 : 1))
    },
  },
]

/** `rounds` series of each kind: none, one, two or three anomalies in each. */
export function syntheticFiles(seed: number, rounds = 4, n = 4000): NabFile[] {
  return RECIPES.flatMap(({ name, make }) => Array.from({ length: rounds }, (_, round) => {
    const draw = chance(seed * 1000 + round * 37 + name.length)
    const count = round % 4
    const at = Array.from({ length: count }, (_, k) => Math.floor(n * (0.25 + (0.7 * (k + draw() * 0.8)) / count))).sort((a, b) => a - b)
    const half = count === 0 ? 0 : Math.floor(n / 10 / count / 2)
    const values = make(n, at, draw)
    const windows = at.map((a) => [a - half, Math.min(n - 1, a + half)] as const)
    return { name: `${name} ${round}`, timesMs: Float64Array.from(values, (_, i) => 1_600_000_000_000 + i * STEP_MS), values, windows }
  }))
}

export interface ChangingSeries {
  readonly values: readonly number[]
  /** Where it changes. */
  readonly truth: readonly number[]
}

/** Short series as years and months give them: levels, slopes, variances that change or do not, in noise that is free, follows itself, or has a season. */
export function changingSeries(seed: number): ChangingSeries[] {
  return Array.from({ length: 40 }, (_, round) => {
    const draw = chance(seed * 100 + round), normal = normalOf(draw)
    const n = 60 + Math.floor(draw() * 300), kind = round % 8, count = Math.floor(draw() * 4)
    const at = Array.from({ length: count }, (_, k) => Math.floor((n * (k + 0.35 + 0.5 * draw())) / count)).filter((i) => i > 8 && i < n - 8)
    let level = 0, slope = (draw() - 0.3) * 0.1, before = 0, sd = 1
    const following = (phi: number): number => (before = phi * before + normal() * Math.sqrt(1 - phi * phi))
    const leap = (least: number): number => (draw() < 0.5 ? -1 : 1) * (least + 3 * draw())
    const values = Array.from({ length: n }, (_, i) => {
      if (at.includes(i)) {
        if (kind === 0 || kind === 1 || kind === 7) level += leap(2)
        if (kind === 2 || kind === 3) slope = (draw() - 0.5) * 0.6
        if (kind === 4) sd = sd > 1.5 ? 0.5 : 3
        if (kind === 5) level += leap(4)
      }
      if (kind === 2 || kind === 3 || kind === 6) level += slope
      const season = Math.sin((2 * Math.PI * i) / 12)
      switch (kind) {
        case 0: return level + normal()
        case 1: return level + following(0.5)
        case 2: return level + 0.7 * normal()
        case 3: return level + following(0.8)
        case 4: return sd * normal()
        case 5: return level + following(0.8) + season
        case 6: return (before += 0.5 * normal() + slope)
        default: return level + normal() + 2 * season
      }
    })
    // The random walk does not change, whatever it looks like.
    return { values, truth: kind === 6 ? [] : at }
  })
}

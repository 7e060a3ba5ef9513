/**
 * The same decisions at other costs. Nothing flows back up the pipe, so what comes before the executor is shared: it runs once, and beside the
 * executor stand others, each with books of its own.
 */
import { KINDS, type Json, type Summary } from '#record'
import type { ActionWorld } from '#tool'
import { openSteps, type Step } from '#tool/pipeline'
import { chain, type Chain, type Running } from '#tool/stage'
import { findTool } from '../../tools.ts'

export type AtCosts = NonNullable<Summary['at_costs']>

export interface Branches {
  /** Stands before the executor and hands every record to the others too. */
  readonly fork: Running
  end(): Promise<AtCosts>
}

/** `steps` are those from the executor on; `open` gives a simulated world with its vaults, leaving nothing behind. */
export async function branchesAt(multiples: readonly string[], steps: readonly Step[], open: () => Promise<ActionWorld>): Promise<Branches> {
  const branches = await Promise.all(multiples.map(async (multiple) => {
    const world = await open(), made = { fills: 0 }
    const dearer = steps.map((step) => (step.tool === 'vanta-exec' ? { ...step, words: [...step.words, '--cost-multiple', multiple] } : step))
    const loop = chain(await openSteps(dearer, findTool, world), ({ kind }) => void (made.fills += kind === 'fill' ? 1 : 0))
    return { multiple, world, loop, made }
  }))
  return {
    fork: forkTo(branches.map(({ loop }) => loop)),
    async end() {
      const headlines: AtCosts = []
      for (const { multiple, world, loop, made } of branches) {
        await loop.end()
        headlines.push(headline(multiple, world.store.read('pnl_summary.json')?.memory ?? {}, made.fills))
      }
      return headlines
    },
  }
}

function forkTo(loops: readonly Chain[]): Running {
  return {
    reads: new Set(KINDS),
    hear: () => undefined,
    stage: {
      each(record, emit) {
        const busy = loops.map((loop) => loop.push(record)).filter((work) => work !== undefined)
        emit(record)
        if (busy.length > 0) return Promise.all(busy).then(() => undefined)
      },
    },
  }
}

function headline(multiple: string, pnl: { readonly [field: string]: Json | undefined }, fills: number): AtCosts[number] {
  const number = (name: string): number | null => (typeof pnl[name] === 'number' ? pnl[name] : null)
  const text = (name: string): string => (typeof pnl[name] === 'string' ? pnl[name] : '0')
  return {
    multiple, equity_end: text('equity_end'), return: number('return') ?? 0, max_drawdown: number('max_drawdown') ?? 0, sharpe: number('sharpe'),
    fees: text('fees'), fills,
  }
}

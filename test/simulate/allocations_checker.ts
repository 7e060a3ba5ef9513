/** What an allocator may say: nothing of a temper that has ended, and the plain size once none stands; what it keeps is what it said. */
import type { Allocation } from '#record'
import type { Violation } from './checker.ts'

/** A conviction that a price rises. */
export interface Claim {
  readonly subject: string
  readonly score: number
  readonly expiresMs: number
}
/** The bands of a new vault, in hundredths of a percent. */
const BANDS = [{ from: 0.6, size: 800 }, { from: 0.55, size: 400 }, { from: 0.52, size: 200 }]
/** Changes smaller than both are not worth a trade. */
const ABSOLUTE = 50, RELATIVE = 0.25

const size = (fraction: string): number => Math.round(Number(fraction) * 10_000)

/** One process of an allocator: what it heard, and what it asked for last. */
export class AllocatorChecker {
  readonly vault: string
  readonly #claims = new Map<string, Claim>()
  readonly #asked = new Map<string, number>()
  readonly #targets: Map<string, string>

  /** From what the vault asked for before. */
  constructor(vault: string, targets: ReadonlyMap<string, string>) {
    this.vault = vault
    this.#targets = new Map(targets)
  }

  /** The latest allocation above zero of each subject. */
  get targets(): ReadonlyMap<string, string> {
    return this.#targets
  }

  hear(claim: Claim): void {
    this.#claims.set(claim.subject, claim)
  }

  /** After a decision; `flipUntilMs` of the latest flip of the vault, whether or not it is over. */
  check(said: readonly Allocation[], nowMs: number, flipUntilMs: number, isActive: boolean): Violation[] {
    const found: Violation[] = []
    const isFlipped = flipUntilMs > nowMs
    for (const { id, subject, fraction, persona } of said) {
      if (persona !== undefined && !isFlipped) {
        found.push({ law: 'a flip reverts by itself', detail: `${this.vault} ${subject} as ${persona} after its end` })
      }
      this.#asked.set(subject, size(fraction))
      if (size(fraction) === 0) this.#targets.delete(subject)
      else this.#targets.set(subject, id)
    }
    if (isFlipped || !isActive) return found
    for (const [subject, { score, expiresMs }] of this.#claims) {
      const asked = this.#asked.get(subject)
      if (asked === undefined) continue
      const plain = expiresMs <= nowMs ? 0 : (BANDS.find(({ from }) => score >= from)?.size ?? 0)
      const change = Math.abs(asked - plain)
      const isSettled = change === 0 || (plain > 0 && asked > 0 && change < ABSOLUTE && change < RELATIVE * asked)
      if (!isSettled) found.push({ law: 'without a flip sizes are plain', detail: `${this.vault} ${subject}: ${asked} asked, ${plain} due` })
    }
    return found
  }
}

export interface QueueFile {
  readonly vaults?: { readonly [vault: string]: { readonly [subject: string]: { readonly allocation_id: string } } }
}

/** The queue file names, of each vault, the allocations it asked for last. */
export function checkQueue(queue: Buffer | undefined, targets: ReadonlyMap<string, ReadonlyMap<string, string>>): Violation[] {
  const { vaults = {} } = JSON.parse(queue?.toString('utf8') ?? '{}') as QueueFile
  const found: Violation[] = []
  for (const [vault, asked] of targets) {
    const kept = Object.entries(vaults[vault] ?? {}).map(([subject, { allocation_id: id }]) => `${subject} ${id}`).sort().join(', ')
    const due = [...asked].map(([subject, id]) => `${subject} ${id}`).sort().join(', ')
    if (kept !== due) found.push({ law: 'what was asked for is kept', detail: `${vault}: ${kept || 'nothing'} kept, ${due || 'nothing'} asked for` })
  }
  return found
}

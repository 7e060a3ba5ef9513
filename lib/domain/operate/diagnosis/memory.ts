/** Whether a memory file is of its shape, by the code that reads it at work. */
import type { Json } from '#record'
import { isObject } from '#record/shape'
import { CALIBRATION_FILE, calibrationIn } from '../../outcome/calibration.ts'
import { OVERLAP_FILE, overlapIn } from '../../outcome/overlap.ts'
import { learnedIn, RELIABILITY_FILE } from '../../outcome/trust.ts'
import { knownIn, SYSTEM_RISK_FILE } from '../../risk/memory.ts'
import { Book } from '../../execute/book.ts'
import type { Kept } from '../../execute/kept.ts'
import { sectorsIn, SECTORS_FILE } from '../../vault/sectors.ts'
import { OVERLAY_FILE, temperOf } from '../../vault/overlay.ts'
import { QUEUE_FILE, readBookCaps, readVault, VAULT_FILE, vaultEntries } from '../../vault/vault.ts'

type Memory = { readonly [field: string]: Json | undefined }

const thrown = (read: () => unknown): string | undefined => {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError) return error.message
    throw error
  }
}

/** Of each vault by name, an object or a list. */
const byVault = (memory: Memory, is: (value: unknown) => boolean): string | undefined => {
  if (!isObject(memory['vaults'])) return 'vaults: expected an object'
  const wrong = Object.entries(memory['vaults']).find(([, value]) => !is(value))
  return wrong && `vaults.${wrong[0]}: not of its shape`
}

const FLAGS = ['kill', 'flatten', 'orders_disabled', 'calls_disabled', 'maintenance']

const CHECKS: { readonly [file: string]: (memory: Memory) => string | undefined } = {
  [VAULT_FILE]: (memory) => {
    const faults = vaultEntries(memory).map(([name]) => readVault(memory, name)), caps = readBookCaps(memory)
    return [...faults, caps].find((fault) => typeof fault === 'string')
  },
  [OVERLAY_FILE]: (memory) => {
    const flag = FLAGS.find((name) => memory[name] !== undefined && typeof memory[name] !== 'boolean')
    if (flag !== undefined) return `${flag}: expected true or false`
    const vaults = [...Object.keys(isObject(memory['personas']) ? memory['personas'] : {}), ...Object.keys(isObject(memory['flips']) ? memory['flips'] : {})]
    return thrown(() => vaults.forEach((vault) => temperOf(memory, vault, 0)))
  },
  'ledger.json': (memory) => thrown(() => {
    for (const [vault, state] of Object.entries((memory as Partial<Kept>).vaults ?? {})) Book.fromState(vault, state)
  }),
  [QUEUE_FILE]: (memory) => byVault(memory, isObject),
  'open_orders.json': (memory) => byVault(memory, Array.isArray),
  [SYSTEM_RISK_FILE]: (memory) => {
    const known = knownIn(memory)
    return typeof known === 'string' ? known : undefined
  },
  [RELIABILITY_FILE]: (memory) => thrown(() => learnedIn(memory)),
  [CALIBRATION_FILE]: (memory) => thrown(() => calibrationIn(memory)),
  [OVERLAP_FILE]: (memory) => thrown(() => overlapIn(memory)),
  [SECTORS_FILE]: (memory) => thrown(() => sectorsIn(memory)),
}

/** What is wrong with a memory file; undefined where nothing is, or nobody knows its shape. */
export const memoryFault = (file: string, memory: Memory): string | undefined => (Object.hasOwn(CHECKS, file) ? CHECKS[file]?.(memory) : undefined)

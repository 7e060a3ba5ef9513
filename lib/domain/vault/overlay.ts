/**
 * What overrules the vaults from outside, `memory/vault_overlay.json`: the kill switch, what is switched off, and personas. Every change is a
 * record with who, why and until when; what has an end ends by itself, because the file is read against the clock.
 */
import { formatInstant, make, millisOf, parseInstant, type Control, type Json, type Millis } from '#record'
import { ONE, parseFixed } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'
import { isPersona, type PersonaName } from '../conviction/personas.ts'

export const OVERLAY_FILE = 'vault_overlay.json'

type Field = { readonly [name: string]: unknown }
const isField = (value: unknown): value is Field => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `vault_overlay.json` with nothing overruled. Only a file that says `kill: false` lets the executor send. */
export const defaultOverlay = () => ({ kill: false, reason: '', flatten: false, orders_disabled: false, calls_disabled: false, maintenance: false })

/** Why nothing may be sent, and whether positions are to be sold: by the record that says so. */
export interface Halted {
  readonly why: string
  readonly flattenBy?: string
}

/** Undefined where orders may be sent. Absent and unreadable overlays halt: the switch fails closed. */
export function haltedBy(overlay: unknown): Halted | undefined {
  if (!isField(overlay)) return { why: `${OVERLAY_FILE} is absent or unreadable` }
  const because = typeof overlay['reason'] === 'string' && overlay['reason'] !== '' ? `: ${overlay['reason']}` : ''
  const { kill, flatten, record } = overlay
  if (kill !== false) return { why: `kill switch${because}`, ...(flatten === true && typeof record === 'string' && { flattenBy: record }) }
  if (overlay['orders_disabled'] === true) return { why: `orders are disabled${because}` }
  return overlay['maintenance'] === true ? { why: `maintenance${because}` } : undefined
}

/** Whose temper a vault has for a while, and with how much of its capital. */
export interface Flip {
  readonly persona: PersonaName
  /** Share of the equity, 10^-8. */
  readonly slice: Fixed
  readonly untilMs: Millis
}
export interface Temper {
  readonly persona: PersonaName | undefined
  readonly flip: Flip | undefined
}

/** The temper of a vault at a moment. Throws RangeError where the overlay says something that is none. */
export function temperOf(overlay: unknown, vault: string, nowMs: Millis): Temper {
  if (!isField(overlay)) return { persona: undefined, flip: undefined }
  const persona = isField(overlay['personas']) ? overlay['personas'][vault] : undefined
  if (persona !== undefined && !isPersona(persona)) throw new RangeError(`${OVERLAY_FILE}: personas.${vault}: "${String(persona)}" is no persona`)
  const flip = isField(overlay['flips']) ? overlay['flips'][vault] : undefined
  return { persona, flip: flip === undefined ? undefined : standing(readFlip(flip, vault), nowMs) }
}

const standing = (flip: Flip, nowMs: Millis): Flip | undefined => (flip.untilMs > nowMs ? flip : undefined)

function readFlip(value: unknown, vault: string): Flip {
  const { persona, slice, until } = isField(value) ? value : {}
  const share = typeof slice === 'string' ? parseFixed(slice) : undefined
  const untilMs = typeof until === 'string' ? parseInstant(until) : undefined
  if (!isPersona(persona) || share === undefined || share <= 0n || share > ONE || untilMs === undefined) {
    throw new RangeError(`${OVERLAY_FILE}: flips.${vault}: expected {persona, slice, until}`)
  }
  return { persona, slice: share, untilMs }
}

/** Who changes what, why, and until when. */
export interface Change {
  readonly what: string
  readonly who: string
  readonly why: string
  readonly vault?: string | undefined
  readonly untilMs?: Millis | undefined
  /** The fields of the overlay as they are to be. */
  readonly fields: { readonly [name: string]: Json }
}

/** The overlay after a change, and the record of it, whose id the overlay then names. */
export function changed(
  before: { readonly [name: string]: Json | undefined } | undefined, change: Change, by: string, nowMs: Millis,
): { readonly overlay: { readonly [name: string]: Json | undefined }; readonly record: Control } {
  const now = formatInstant(nowMs)
  const { what, who, why, vault, untilMs, fields } = change
  const record = make('control', {
    type: 'overlay', at: now, known_at: now, source: vault === undefined ? 'overlay' : `overlay/${vault}`, by,
    facts: {
      what, who, why, ...(vault !== undefined && { vault }), ...(untilMs !== undefined && { until: formatInstant(untilMs) }),
      before: Object.fromEntries(Object.keys(fields).map((name) => [name, before?.[name] ?? null])), after: fields,
    },
  })
  return { overlay: { ...defaultOverlay(), ...before, ...fields, record: record.id }, record }
}

/** The overlay as it counts now: what has ended is said to have. */
export function effective(overlay: Field | undefined, nowMs: Millis): { readonly [name: string]: Json } {
  const halted = haltedBy(overlay)
  const flips = isField(overlay?.['flips']) ? overlay['flips'] : {}
  const shown: { [vault: string]: Json } = {}
  for (const [vault, flip] of Object.entries(flips)) {
    if (!isField(flip) || typeof flip['until'] !== 'string') continue
    shown[vault] = { ...(flip as { [name: string]: Json }), stands: millisOf(flip['until']) > nowMs }
  }
  return { ...(overlay as { [name: string]: Json } | undefined), halted: halted?.why ?? null, flips: shown, as_of: formatInstant(nowMs) }
}

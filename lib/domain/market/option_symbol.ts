/**
 * Names of listed US options after the Options Symbology Initiative of the OCC: a root of up to six characters, the expiry as YYMMDD,
 * C or P, and the strike in thousandths with eight digits. A digit behind the root marks a contract that was adjusted for a split or
 * merger (what it delivers is then for the OCC to say), 7 a mini of ten shares; one before it a FLEX contract.
 */
import { parseInstant } from '#record'

export type Right = 'call' | 'put'

export interface OptionSymbol {
  /** Without padding: `AAPL250620C00215000`. */
  readonly symbol: string
  readonly root: string
  /** The ticker that the root stands for, as far as its name tells. */
  readonly underlying: string
  /** `2025-06-20`. */
  readonly expiry: string
  readonly right: Right
  /** Exact decimal text, USD a share. */
  readonly strike: string
  readonly adjusted: boolean
  /** Shares a contract stands for; undefined where the contract was adjusted. */
  readonly multiplier: number | undefined
}

/** Expiry, right and strike. */
const TAIL = 15
const MINI = '7'
/** Roots of index options that are not called like their index: weeklies and those settled at the close. */
const INDEX_OF: Readonly<Record<string, string>> = { SPXW: 'SPX', NDXP: 'NDX', RUTW: 'RUT', VIXW: 'VIX', MRUTW: 'MRUT', XSPW: 'XSP', DJXW: 'DJX' }

/** From `AAPL250620C00215000`, padded (`AAPL  250620C00215000`) or marked (`O:AAPL...`, `.AAPL...`); undefined for anything else. */
export function parseOptionSymbol(text: string): OptionSymbol | undefined {
  const bare = text.trim().replace(/^(?:O:|\.)/, '')
  const root = bare.slice(0, -TAIL).trimEnd()
  const [, year, month, day, letter, thousandths] = /^(\d\d)(\d\d)(\d\d)([CP])(\d{8})$/.exec(bare.slice(-TAIL)) ?? []
  if (!/^(?=\d?[A-Z])[A-Z0-9.]{1,6}$/.test(root) || thousandths === undefined) return undefined
  const expiry = `20${year}-${month}-${day}`
  if (parseInstant(`${expiry}T00:00:00Z`) === undefined) return undefined
  const base = root.replace(/^\d/, '').replace(/\d$/, '')
  const mark = /^.+\D(\d)$/.exec(root)?.[1]
  return {
    symbol: root + bare.slice(-TAIL),
    root,
    underlying: underlyingOf(base),
    expiry,
    right: letter === 'C' ? 'call' : 'put',
    strike: strikeText(thousandths),
    adjusted: mark !== undefined && mark !== MINI,
    multiplier: mark === undefined ? 100 : mark === MINI ? 10 : undefined,
  }
}

/** The ticker behind a root: SPX for SPXW. */
export const underlyingOf = (root: string): string => INDEX_OF[root] ?? root

function strikeText(thousandths: string): string {
  const whole = thousandths.slice(0, 5).replace(/^0+(?=\d)/, '')
  const fraction = thousandths.slice(5).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** The name of a contract; undefined where the strike has no place in it (finer than a tenth of a cent, or 100,000 and more). */
export function optionSymbol(root: string, expiry: string, right: Right, strike: string): string | undefined {
  const [, whole, fraction = ''] = /^(\d{1,5})(?:\.(\d{1,3})0*)?$/.exec(strike) ?? []
  if (whole === undefined || !/^[A-Z0-9.]{1,6}$/.test(root) || !/^20\d\d-\d\d-\d\d$/.test(expiry)) return undefined
  return `${root}${expiry.slice(2).replaceAll('-', '')}${right === 'call' ? 'C' : 'P'}${whole.padStart(5, '0')}${fraction.padEnd(3, '0')}`
}

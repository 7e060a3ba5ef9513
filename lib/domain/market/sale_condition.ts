/**
 * Sale conditions of prints in shares, and whether a print was made off the exchanges. The tapes tell conditions by letters (CTA and UTP
 * participant specifications; NYSE Daily TAQ client specification), Polygon by numbers, AlgoSeek by bits.
 */

/** What a condition says. Names that two tapes use differently are said as both. */
export interface SaleCondition {
  readonly name: string
  /** Reported after its time. */
  readonly late?: true
  /** A print of the official open or close: its volume was told before. */
  readonly noVolume?: true
}

const LATE = { late: true } as const, NO_VOLUME = { noVolume: true } as const

const BY_LETTER: Readonly<Record<string, SaleCondition>> = {
  '@': { name: 'regular' }, 'A': { name: 'acquisition' }, 'B': { name: 'average_price_or_bunched' }, 'C': { name: 'cash' },
  'D': { name: 'distribution' },
  'E': { name: 'automatic' }, 'F': { name: 'intermarket_sweep' }, 'G': { name: 'bunched_sold', ...LATE }, 'H': { name: 'price_variation' },
  'I': { name: 'odd_lot' }, 'K': { name: 'rule_127_or_155' }, 'L': { name: 'sold_last', ...LATE }, 'M': { name: 'official_close', ...NO_VOLUME },
  'N': { name: 'next_day' }, 'O': { name: 'opening' }, 'P': { name: 'prior_reference_price' }, 'Q': { name: 'official_open', ...NO_VOLUME },
  'R': { name: 'seller' }, 'S': { name: 'split' }, 'T': { name: 'extended_hours' }, 'U': { name: 'extended_hours_out_of_sequence', ...LATE },
  'V': { name: 'contingent' }, 'W': { name: 'average_price' }, 'X': { name: 'cross' }, 'Y': { name: 'yellow_flag' },
  'Z': { name: 'out_of_sequence', ...LATE },
  '1': { name: 'stopped' }, '4': { name: 'derivatively_priced' }, '5': { name: 'reopening' }, '6': { name: 'closing' },
  '7': { name: 'qualified_contingent' },
  '8': { name: 'trade_through_exempt' }, '9': { name: 'corrected_close', ...NO_VOLUME },
}

const BY_NUMBER: Readonly<Record<string, SaleCondition>> = {
  '0': { name: 'regular' }, '1': { name: 'acquisition' }, '2': { name: 'average_price' }, '3': { name: 'automatic' }, '4': { name: 'bunched' },
  '5': { name: 'bunched_sold', ...LATE }, '6': { name: 'cap_election' }, '7': { name: 'cash' }, '8': { name: 'closing' }, '9': { name: 'cross' },
  '10': { name: 'derivatively_priced' }, '11': { name: 'distribution' }, '12': { name: 'extended_hours' },
  '13': { name: 'extended_hours_out_of_sequence', ...LATE }, '14': { name: 'intermarket_sweep' }, '15': { name: 'official_close', ...NO_VOLUME },
  '16': { name: 'official_open', ...NO_VOLUME }, '17': { name: 'opening' }, '18': { name: 'reopening' }, '19': { name: 'closing' },
  '20': { name: 'next_day' },
  '21': { name: 'price_variation' }, '22': { name: 'prior_reference_price' }, '23': { name: 'rule_155' }, '25': { name: 'opening' },
  '27': { name: 'stopped' },
  '28': { name: 'reopening' }, '29': { name: 'seller' }, '30': { name: 'sold_last', ...LATE }, '32': { name: 'out_of_sequence', ...LATE },
  '33': { name: 'stopped_out_of_sequence', ...LATE }, '34': { name: 'split' }, '35': { name: 'stock_option' }, '36': { name: 'yellow_flag' },
  '37': { name: 'odd_lot' }, '38': { name: 'corrected_close', ...NO_VOLUME }, '41': { name: 'trade_through_exempt' }, '52': { name: 'contingent' },
  '53': { name: 'qualified_contingent' },
}

/** From the lowest bit on. */
const BY_BIT: readonly SaleCondition[] = [
  { name: 'regular' }, { name: 'cash' }, { name: 'next_day' }, { name: 'seller' }, { name: 'yellow_flag' }, { name: 'intermarket_sweep' },
  { name: 'opening' }, { name: 'closing' }, { name: 'reopening' }, { name: 'derivatively_priced' }, { name: 'extended_hours' },
  { name: 'sold_last', ...LATE }, { name: 'stopped' }, { name: 'extended_hours' }, { name: 'out_of_sequence', ...LATE }, { name: 'split' },
  { name: 'acquisition' }, { name: 'bunched' }, { name: 'stock_option' }, { name: 'distribution' }, { name: 'average_price' }, { name: 'cross' },
  { name: 'price_variation' }, { name: 'rule_155' }, { name: 'official_close', ...NO_VOLUME }, { name: 'prior_reference_price' },
  { name: 'official_open', ...NO_VOLUME }, { name: 'cap_election' }, { name: 'automatic' }, { name: 'trade_through_exempt' },
  { name: 'undocumented' }, { name: 'odd_lot' },
]

const known = (condition: SaleCondition | undefined): SaleCondition[] => (condition === undefined ? [] : [condition])

/** Of a field of letters such as `4 B` or `FTI`; blanks say nothing. */
export const letterConditions = (letters: string): SaleCondition[] =>
  [...letters].flatMap((letter) => (letter === ' ' ? [] : known(Object.hasOwn(BY_LETTER, letter) ? BY_LETTER[letter] : undefined)))

/** Of Polygon's numbers. */
export const numberConditions = (numbers: readonly string[]): SaleCondition[] =>
  numbers.flatMap((number) => known(Object.hasOwn(BY_NUMBER, number) ? BY_NUMBER[number] : undefined))

/** Of AlgoSeek's mask, in hexadecimal; undefined where it is none. */
export function maskConditions(mask: string): SaleCondition[] | undefined {
  if (!/^[0-9a-fA-F]{1,8}$/.test(mask)) return undefined
  const bits = parseInt(mask, 16)
  return BY_BIT.filter((_, bit) => Math.floor(bits / (BIT_VALUES[bit] ?? Infinity)) % 2 === 1)
}

const BIT_VALUES = BY_BIT.map((_, bit) => parseInt(`1${'0'.repeat(bit)}`, 2))

/** What became of a print, by the correction indicator of the tapes (`0` or `00` is a good one). */
export type Correction = 'corrected_later' | 'error_later' | 'cancelled_later' | 'cancel' | 'error' | 'correction'

const CORRECTIONS: Readonly<Record<string, Correction>> = {
  '1': 'corrected_later', '7': 'error_later', '8': 'cancelled_later', '10': 'cancel', '11': 'error', '12': 'correction',
}

export const correctionOf = (indicator: string | undefined): Correction | undefined => {
  const number = (indicator ?? '').replace(/^0+(?=\d)/, '')
  return Object.hasOwn(CORRECTIONS, number) ? CORRECTIONS[number] : undefined
}

/** Whether a print's volume counts: it stands, and was not told before. */
export const counts = (conditions: readonly SaleCondition[], correction: Correction | undefined): boolean =>
  (correction === undefined || correction === 'correction') && !conditions.some(({ noVolume }) => noVolume === true)

/** FINRA's facilities by the letters of its files: where trades off the exchanges are reported. */
export const FACILITIES: Readonly<Record<string, string>> = {
  Q: 'FINRA/Nasdaq TRF Carteret', B: 'FINRA/Nasdaq TRF Chicago', N: 'FINRA/NYSE TRF', D: 'FINRA ADF', O: 'FINRA ORF',
}

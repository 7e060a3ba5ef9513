/**
 * Sale conditions of option prints. OPRA tells one letter a print (its Binary Data Recipient Interface, field "trade message type");
 * services write the letter, its four-letter name or a number of their own (Polygon's run from 201).
 */

/** What a condition means for whoever looks for sweeps and blocks. */
export type OptionConditionSort = 'regular' | 'sweep' | 'auction' | 'cross' | 'floor' | 'multi_leg' | 'stock_option' | 'late' | 'void' | 'other'

export interface OptionCondition {
  /** OPRA's own short name, in lower case. */
  readonly name: string
  readonly sort: OptionConditionSort
}

/** Letter, name, Polygon's number, sort. */
const TABLE: readonly (readonly [letter: string, name: string, polygon: number, sort: OptionConditionSort])[] = [
  ['A', 'canc', 201, 'void'], ['B', 'oseq', 202, 'late'], ['C', 'cncl', 203, 'void'], ['D', 'late', 204, 'late'],
  ['E', 'cnco', 205, 'void'], ['F', 'open', 206, 'late'], ['G', 'cnol', 207, 'void'], ['H', 'opnl', 208, 'late'],
  ['I', 'auto', 209, 'regular'], ['J', 'reop', 210, 'regular'], ['S', 'isoi', 219, 'sweep'],
  ['a', 'slan', 227, 'auction'], ['b', 'slai', 228, 'sweep'], ['c', 'slcn', 229, 'cross'], ['d', 'slci', 230, 'cross'],
  ['e', 'slft', 231, 'floor'], ['f', 'mlet', 232, 'multi_leg'], ['g', 'mlat', 233, 'multi_leg'], ['h', 'mlct', 234, 'multi_leg'],
  ['i', 'mlft', 235, 'multi_leg'], ['j', 'mesl', 236, 'multi_leg'], ['k', 'tlat', 237, 'stock_option'], ['l', 'masl', 238, 'multi_leg'],
  ['m', 'mfsl', 239, 'multi_leg'], ['n', 'tlet', 240, 'stock_option'], ['o', 'tlct', 241, 'stock_option'], ['p', 'tlft', 242, 'stock_option'],
  ['q', 'tesl', 243, 'stock_option'], ['r', 'tasl', 244, 'stock_option'], ['s', 'tfsl', 245, 'stock_option'], ['t', 'cbmo', 246, 'multi_leg'],
  ['u', 'mctp', 247, 'other'], ['v', 'exht', 248, 'other'],
]

const byCode: ReadonlyMap<string, OptionCondition> = new Map(TABLE.flatMap(([letter, name, polygon, sort]) => {
  const condition = { name, sort }
  return [[letter, condition], [name, condition], [String(polygon), condition]] as const
}))

/** The meaning of a letter, a name or a number; undefined for one that is not known, or says nothing. */
export const optionCondition = (code: string): OptionCondition | undefined => byCode.get(code.length === 1 ? code : code.toLowerCase())

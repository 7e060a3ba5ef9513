/**
 * Who held a symbol when: what was renamed, what is another's today, what is no longer traded. Readings bear the symbols that bars have, those of March
 * 2024, so that a text of 2015 on FB is joined to META's prices. Dates are first days of trading under the new name, by the exchanges' notices.
 */

/** Until that day the first was what the second is: `then now day`. Later it still is: people are slow to forget. */
const RENAMED = `
  FB META 2022-06-09, PCLN BKNG 2018-02-27, BBRY BB 2017-10-16, COH TPR 2017-10-31, KORS CPRI 2019-01-02, HRS LHX 2019-07-01, UTX RTX 2020-04-03,
  BBT TFC 2019-12-09, TMK GL 2019-08-09, DWDP DD 2019-06-03, CTL LUMN 2020-09-18, SYMC GEN 2019-11-05, NLOK GEN 2022-11-08, ARNC HWM 2020-04-01,
  SNE SONY 2021-04-01, LB BBWI 2021-08-03, WLTW WTW 2022-01-10, DISCA WBD 2022-04-11, BLL BALL 2022-05-10, ANTM ELV 2022-06-28, PKI RVTY 2023-05-16,
  RE EG 2023-07-10, ABC COR 2023-08-30, IPOA SPCE 2019-10-28, DEAC DKNG 2020-04-24, VTIQ NKLA 2020-06-04, SHLL HYLN 2020-10-02, KCAC QS 2020-11-27,
  GRAF LAZR 2020-12-03, FEAC SKLZ 2020-12-17, IPOB OPEN 2020-12-21, IPOC CLOV 2021-01-08, SBE CHPT 2021-03-01, BFT PSFE 2021-03-31, STPK STEM 2021-04-29,
  IPOE SOFI 2021-06-01, CCIV LCID 2021-07-26, THCB MVST 2021-07-26`
/** From that day on it is today's holder's. Before, it was another's, or nobody's: a reading would be joined to the wrong prices. */
const REUSED = `
  META 2022-06-09, DD 2017-09-01, DOW 2019-03-20, RTX 2020-04-03, SNOW 2020-09-16, OPEN 2020-12-21, STEM 2021-04-29, S 2021-06-30, DNA 2021-09-17,
  GEN 2022-11-08, COR 2023-08-30, LB 2024-06-28, GRAF 2024-06-26, SNAP 2017-03-02, LIFE 2015-05-07, U 2020-09-18, BB 2017-10-16`
/** From that day on nothing is traded under it. */
const ENDED = 'TIF 2021-01-07, WORK 2021-07-21, TWTR 2022-10-28, SIVB 2023-03-28, BBBY 2023-05-03, ATVI 2023-10-13'

const entriesOf = (list: string): string[][] => list.split(',').map((entry) => entry.trim().split(/\s+/))
const renamed = new Map(entriesOf(RENAMED).map(([then = '', now = '']) => [then, now]))
const since = new Map(entriesOf(REUSED).map(([symbol = '', day = '']) => [symbol, day]))
const until = new Map(entriesOf(ENDED).map(([symbol = '', day = '']) => [symbol, day]))

/** The symbol that bars have today: FB → META. */
export const currentSymbol = (symbol: string): string => renamed.get(symbol) ?? symbol
/** Symbols of then, for those who list what can be found. */
export const formerSymbols = (): readonly string[] => [...renamed.keys()]

/** Whether the company that a name led to was traded on that day, under whatever symbol; without a day: yes. */
export const isTraded = (symbol: string, day: string | undefined): boolean => day === undefined || day < (until.get(symbol) ?? '~')

/** What a symbol in a text of that day (ISO date) stands for; undefined where its holder of then has no prices of today. Without a day: today's. */
export function holderOf(symbol: string, day: string | undefined): string | undefined {
  const now = renamed.get(symbol)
  if (now !== undefined) return day !== undefined && day >= (since.get(symbol) ?? '~') ? symbol : now
  if (day === undefined) return symbol
  return day < (since.get(symbol) ?? '') || !isTraded(symbol, day) ? undefined : symbol
}

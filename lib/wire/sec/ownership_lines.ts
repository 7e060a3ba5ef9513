/** The lines of an ownership document: what was traded, and what is held, of both tables. */
import { dateText, decimalText, flagText, type Transaction } from './facts.ts'
import { directText } from './lists.ts'
import { child, childrenOf, path, textAt, type Element } from './xml.ts'

/** In the order of the form: non-derivative securities first. */
export const transactionsOf = (root: Element): Transaction[] => linesOf(root, 'Transaction')
export const holdingsOf = (root: Element): Transaction[] => linesOf(root, 'Holding')

function linesOf(root: Element, what: 'Transaction' | 'Holding'): Transaction[] {
  return (['nonDerivative', 'derivative'] as const).flatMap((table) =>
    childrenOf(child(root, `${table}Table`), `${table}${what}`).map((line) => lineOf(line, table === 'derivative', textAt(root, 'documentType'))))
}

/** Where each field stands, and how its text is read. */
const FIELDS = {
  shares: [['transactionAmounts', 'transactionShares'], decimalText],
  price_per_share: [['transactionAmounts', 'transactionPricePerShare'], decimalText],
  date: [['transactionDate'], dateText],
  security: [['securityTitle'], (text: string | undefined) => text],
  shares_after: [['postTransactionAmounts', 'sharesOwnedFollowingTransaction'], decimalText],
  value_after: [['postTransactionAmounts', 'valueOwnedFollowingTransaction'], decimalText],
  total_value: [['transactionAmounts', 'transactionTotalValue'], decimalText],
  exercise_price: [['conversionOrExercisePrice'], decimalText],
  exercise_date: [['exerciseDate'], dateText],
  expires: [['expirationDate'], dateText],
  underlying_security: [['underlyingSecurity', 'underlyingSecurityTitle'], (text: string | undefined) => text],
  underlying_shares: [['underlyingSecurity', 'underlyingSecurityShares'], decimalText],
  underlying_value: [['underlyingSecurity', 'underlyingSecurityValue'], decimalText],
  nature: [['ownershipNature', 'natureOfOwnership'], (text: string | undefined) => text],
} as const satisfies { readonly [field in keyof Transaction]?: readonly [readonly string[], (text: string | undefined) => string | undefined] }

type Field = keyof typeof FIELDS

function lineOf(line: Element, derivative: boolean, document: string | undefined): Transaction {
  const values: { [field in Field]?: string | undefined } = {}
  const left: string[] = []
  for (const field of Object.keys(FIELDS) as Field[]) {
    const [names, read] = FIELDS[field]
    const element = path(line, ...names)
    if (element === undefined) continue
    const value = read(valueOf(element))
    values[field] = value
    if (value === undefined && child(element, 'footnoteId') !== undefined) left.push(field)
  }
  const coding = child(line, 'transactionCoding')
  const side = valueOf(path(line, 'transactionAmounts', 'transactionAcquiredDisposedCode'))
  const form = textAt(coding, 'transactionFormType')
  const timeliness = valueOf(child(line, 'transactionTimeliness'))
  const footnotes = [...footnotesIn(line)]
  return {
    code: textAt(coding, 'transactionCode'),
    ...values,
    acquired_disposed: side === 'A' || side === 'D' ? side : undefined,
    direct: directText(valueOf(path(line, 'ownershipNature', 'directOrIndirectOwnership'))),
    derivative,
    form: form !== undefined && document !== undefined && form !== document.replace('/A', '') ? form : undefined,
    timeliness: timeliness === 'E' ? 'early' : timeliness === 'L' ? 'late' : undefined,
    equity_swap: flagText(textAt(coding, 'equitySwapInvolved')) === true ? true : undefined,
    footnotes: footnotes.length === 0 ? undefined : footnotes,
    in_footnotes: left.length === 0 ? undefined : left,
  }
}

/** Most fields wrap what they say in `<value>`; older documents do not always. */
function valueOf(element: Element | undefined): string | undefined {
  const value = child(element, 'value')
  const text = value === undefined ? element?.text : value.text
  return text === '' ? undefined : text
}

function footnotesIn(element: Element, ids = new Set<string>()): Set<string> {
  for (const each of element.children) {
    const id = each.name === 'footnoteId' ? each.attributes['id'] : undefined
    if (id !== undefined) ids.add(id)
    footnotesIn(each, ids)
  }
  return ids
}

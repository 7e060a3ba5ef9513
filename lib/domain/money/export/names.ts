/** What subjects and accounts are called in other people's formats: no two of ours by one name, and the same name every time. */
import { sha256Of } from '#record/sha256'

/** Beancount takes 2 to 24 of these (https://beancount.github.io/docs/beancount_language_syntax.html, Commodities / Currencies). */
const COMMODITY = /^[A-Z][A-Z0-9._-]{0,22}[A-Z0-9]$/
/** A name of ours that stands for another one: a namespace, a point, the rest. */
const RESERVED = /^[A-Z]{2,}\./
const HASH_DIGITS = 12
const LONGEST_SPACE = 8

/** A share goes by its ticker; whatever cannot, or would be taken for something else, by its namespace and name, or its namespace and a hash. */
export function commodityOf(subject: string, currency: string): string {
  const colon = subject.indexOf(':')
  const space = subject.slice(0, colon).toUpperCase().replace(/[^A-Z]/g, '').slice(0, LONGEST_SPACE), name = subject.slice(colon + 1)
  if (subject.startsWith('ticker:') && COMMODITY.test(name) && name !== currency && !RESERVED.test(name)) return name
  const spaced = `${space}.${name}`
  const isPlain = COMMODITY.test(spaced) && `${space.toLowerCase()}:${name}` === subject
  return isPlain ? spaced : `${space}.X${digestOf(subject)}`
}

const digestOf = (text: string): string => sha256Of(text).slice(0, HASH_DIGITS).toUpperCase()

/** hledger takes nearly anything; what it does not is written as percent codes. Colons stay: they make the tree. */
export const hledgerAccount = (account: string): string =>
  account.replace(/[^A-Za-z0-9:._/-]/gu, (char) => [...Buffer.from(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''))

/** `assets:position:ticker:GME` is `Assets:Position:Ticker:GME`. Parts of other letters get a hash, so that no two accounts become one. */
export function beancountAccount(account: string): string {
  return account.split(':').map((part, i) => {
    const capital = part.charAt(0).toUpperCase() + part.slice(1)
    if (i === 0) return capital
    const clean = capital.replace(/[^A-Za-z0-9-]/g, '-')
    const isSame = clean === capital && /^[A-Z0-9]/.test(clean) && /^[a-z0-9A-Z]/.test(part) && !/^[a-z].*[A-Z]/.test(part)
    return isSame ? clean : `X${clean.replace(/^[^A-Za-z0-9]+/, '')}-${digestOf(account)}`
  }).join(':')
}

export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[\r\n]+/g, ' ')}"`

/** JSON as ccxt wants it: plain values, but numbers as the text that was sent, so that none loses a digit on its way through a double. */
import { Failure } from '#port/failure'

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/** Throws Failure `data` where the text is no JSON. */
export function withTextNumbers(text: string, name: string): unknown {
  try {
    // First as it stands: what is no JSON must not become it by quoting.
    JSON.parse(text)
    return JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `"${token}"`)))
  } catch (error) {
    throw new Failure('data', `${name}: no JSON, where an answer of an exchange was expected`, error)
  }
}

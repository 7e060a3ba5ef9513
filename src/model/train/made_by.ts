/** The command line that makes a model again, as its card says it. */
import type { ActionWorld } from '#tool'

type Word = string | number | boolean | readonly string[] | undefined

const PLAIN = /^[\w./:,+-]+$/
const quoted = (text: string): string => (PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

/** As a shell reads it. Words by flag, in their order; what is at its default is said as undefined, false or '', and left out. */
export function madeBy(verb: string, words: { readonly [flag: string]: Word }, { ambient = '' }: Pick<ActionWorld, 'ambient'>): string {
  const said = Object.entries(words).flatMap(([name, word]) => {
    const text = Array.isArray(word) ? word.join(',') : word === undefined || word === false ? '' : String(word)
    const flag = name.length === 1 ? `-${name}` : `--${name}`
    return text === '' ? [] : word === true ? [flag] : [flag, quoted(text)]
  })
  return `${['vanta-train', verb, ...said].join(' ')}${ambient}`
}

/**
 * XML as a small tree, parsed namespace-aware: filers choose their own prefixes, so elements are known by local name. Payloads
 * come from outside: a DOCTYPE is refused (no entity is ever expanded but XML's own five), and depth and size have bounds.
 */
import { SaxesParser } from 'saxes'
import { Failure } from '#port/failure'

export interface Element {
  /** Local name, without prefix. */
  readonly name: string
  readonly attributes: { readonly [local: string]: string }
  readonly children: readonly Element[]
  /** Character data directly within, trimmed. */
  readonly text: string
}

interface Growing {
  name: string
  attributes: { [local: string]: string }
  children: Growing[]
  text: string
}

const MAX_DEPTH = 64
const MAX_CHARACTERS = 256 * 1024 * 1024

/** The root element. Throws Failure `data` with `NAME:LINE:COLUMN` where the text is no whole, plain XML document. */
export function parseXml(text: string, name: string): Element {
  if (text.length > MAX_CHARACTERS) throw new Failure('data', `${name}: more than ${MAX_CHARACTERS} characters of XML`)
  const parser = new SaxesParser({ xmlns: true, position: true })
  const top: Growing = { name: '', attributes: {}, children: [], text: '' }
  const open: Growing[] = [top]
  const fail = (what: string): never => {
    throw new Failure('data', `${name}:${parser.line}:${parser.column}: ${what}`)
  }
  parser.on('error', (error) => fail(error.message.replace(/^(\d+:\d+: )+/, '')))
  parser.on('doctype', () => fail('a DOCTYPE is refused'))
  parser.on('opentag', (tag) => {
    if (open.length > MAX_DEPTH) fail(`more than ${MAX_DEPTH} elements deep`)
    const element: Growing = { name: tag.local, attributes: {}, children: [], text: '' }
    for (const attribute of Object.values(tag.attributes)) element.attributes[attribute.local] = attribute.value
    open[open.length - 1]?.children.push(element)
    open.push(element)
  })
  const add = (characters: string): void => {
    const element = open[open.length - 1]
    if (element !== undefined) element.text += characters
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    const element = open.pop()
    if (element !== undefined) element.text = element.text.trim()
  })
  parser.write(text).close()
  const [root] = top.children
  return root ?? fail('no element')
}

/** The first child of that name. */
export const child = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((each) => each.name === name)

/** The element at the end of a path of child names. */
export function path(element: Element | undefined, ...names: readonly string[]): Element | undefined {
  return names.reduce<Element | undefined>((at, name) => child(at, name), element)
}

/** The text at the end of a path; undefined where there is no such element or it is blank. */
export function textAt(element: Element | undefined, ...names: readonly string[]): string | undefined {
  const text = path(element, ...names)?.text
  return text === '' ? undefined : text
}

/** All children of that name. */
export const childrenOf = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((each) => each.name === name) ?? []

/** Elements of a page by CSS selectors (the few kinds that tables of page layouts need), and their text and links. */
import { BLOCKS, tidy } from './html_text.ts'
import type { HtmlElement } from './html_tree.ts'

export type Selector = (element: HtmlElement) => boolean

const COMPOUND = /([\w*-]+)|\.([\w-]+)|#([\w-]+)|\[([\w-]+)(?:([\^*~]?=)([^\]]*))?\]/gy

/** `li.post[id^=post-], article .body`: names, classes, ids, attributes (=, ^=, *=), descent and alternatives. Throws RangeError on more. */
export function selector(text: string): Selector {
  const alternatives = text.split(',').map((path) => path.trim().split(/\s+/).map(compound))
  return (element) => alternatives.some((steps) => fits(element, steps, steps.length - 1))
}

function fits(element: HtmlElement | undefined, steps: readonly Selector[], last: number): boolean {
  if (element === undefined || steps[last]?.(element) !== true) return false
  for (let at = element.parent, step = last - 1; step >= 0; at = at.parent) {
    if (at === undefined) return false
    if (steps[step]?.(at) === true) step--
  }
  return true
}

function compound(text: string): Selector {
  const tests: Selector[] = []
  COMPOUND.lastIndex = 0
  let read = 0
  for (const [whole, name, className, id, attribute, how, value = ''] of text.matchAll(COMPOUND)) {
    read += whole.length
    if (name !== undefined && name !== '*') tests.push((element) => element.name === name)
    if (className !== undefined) tests.push((element) => hasClass(element, className))
    if (id !== undefined) tests.push(({ attributes }) => attributes['id'] === id)
    if (attribute !== undefined) tests.push(({ attributes }) => holds(attributes[attribute], how, value))
  }
  if (read !== text.length) throw new RangeError(`not a selector: ${text}`)
  return (element) => tests.every((test) => test(element))
}

function holds(found: string | undefined, how: string | undefined, value: string): boolean {
  if (found === undefined) return false
  switch (how) {
    case undefined: return true
    case '^=': return found.startsWith(value)
    case '*=': return found.includes(value)
    default: return found === value
  }
}

export function hasClass({ attributes }: HtmlElement, name: string): boolean {
  const classes = attributes['class']
  return classes !== undefined && classes.includes(name) && classes.split(/\s+/).includes(name)
}

/** Every element below, in the page's order, until `visit` says that it is enough; `skip` leaves out whole branches. */
function walk(element: HtmlElement, visit: (each: HtmlElement) => boolean, skip: Selector | undefined): boolean {
  for (const child of element.children) {
    if (typeof child === 'string' || skip?.(child) === true) continue
    if (visit(child) || walk(child, visit, skip)) return true
  }
  return false
}

export function findAll(element: HtmlElement, wanted: Selector, skip?: Selector, most = Infinity): HtmlElement[] {
  const found: HtmlElement[] = []
  walk(element, (each) => wanted(each) && found.push(each) >= most, skip)
  return found
}

export const find = (element: HtmlElement, wanted: Selector, skip?: Selector): HtmlElement | undefined => findAll(element, wanted, skip, 1)[0]

/** What a reader sees of the element, blocks on lines of their own; undefined where that is nothing. */
export function readText(element: HtmlElement, skip?: Selector): string | undefined {
  const parts: string[] = []
  addText(element, skip, parts)
  const text = tidy(parts.join(''))
  return text === '' ? undefined : text
}

const PICTOGRAM = /smil|emoji|emoticon/i

function addText(element: HtmlElement, skip: Selector | undefined, parts: string[]): void {
  const isKept = element.name === 'pre'
  for (const child of element.children) {
    // The page's own line ends are blanks; lines are made by elements.
    if (typeof child === 'string') parts.push(isKept ? child : child.replace(/\s+/g, ' '))
    else if (child.name === 'br') parts.push('\n')
    else if (child.name !== 'noscript' && skip?.(child) !== true) {
      const line = BLOCKS.has(child.name) ? '\n' : ''
      const { class: classes = '', src = '', alt } = child.attributes
      // A pictogram stands for its characters, `:)`; other pictures are not read.
      const stands = child.name === 'img' && alt !== undefined && (PICTOGRAM.test(classes) || PICTOGRAM.test(src)) ? alt : ''
      parts.push(line, stands)
      addText(child, skip, parts)
      parts.push(line)
    }
  }
}

const isLink: Selector = ({ name, attributes }) => name === 'a' && attributes['href'] !== undefined

/** Addresses that the element's links name, as they are written, each once; those within the page are none. */
export function linksIn(element: HtmlElement, skip?: Selector): string[] {
  const links = new Set<string>()
  for (const { attributes } of findAll(element, isLink, skip)) {
    const href = attributes['href']?.trim() ?? ''
    if (href !== '' && !/^(#|javascript:|data:)/i.test(href)) links.add(href)
  }
  return [...links]
}

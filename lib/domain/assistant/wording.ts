/**
 * Whether a model's wording of an answer may stand before it: each of its citations is one of the answer's, each figure stands in what its sentence
 * cites, and there is no name that the statements do not have. Words of others are in nothing that a model is shown.
 */
import { figuresIn, plainText, ungrounded } from '../report/grounded.ts'
import { citationText, statementText, type Statement } from './answer.ts'

const MOST = 2000
const CITED = /\s*\[([^\]]*)\]/

/** What a model is asked to word: the statements in our words alone. */
export const toWord = (statements: readonly Statement[]): string => statements.map(({ quote: _others, ...own }) => statementText(own)).join('\n')

/** The wording in one line, or why it may not stand. */
export function checkedWording(said: string | undefined, statements: readonly Statement[]): { readonly wording: string } | { readonly fault: string } {
  const wording = plainText(said ?? '', MOST)
  if (wording === undefined) return { fault: 'no answer' }
  const strange = ungrounded(wording.replaceAll(new RegExp(CITED, 'g'), ''), statements.map(({ text }) => text).join('\n'))
  if (strange !== undefined) return { fault: `"${strange}" stands in no statement` }
  // Text and what is cited behind it take turns; what is left at the end cites nothing.
  const parts = wording.split(CITED)
  if (parts.length < 2) return { fault: 'it cites nothing' }
  for (let i = 0; i < parts.length; i += 2) {
    const figures = figuresIn(parts[i] ?? '')
    const cited = (parts[i + 1] ?? '').split(',').map((one) => one.trim()).filter((one) => one !== '')
    const unknown = cited.find((one) => !/^and \d+ more$/.test(one) && !statements.some((statement) => isCited(one, statement)))
    if (unknown !== undefined) return { fault: `it cites ${unknown}, on which no statement rests` }
    const texts = statements.filter((statement) => cited.some((one) => isCited(one, statement))).map(({ text }) => text).join('\n')
    const standing = figuresIn(texts), loose = figures.find((figure) => !standing.includes(figure))
    if (loose !== undefined) return { fault: `${loose} does not stand in what is cited for it` }
  }
  return { wording }
}

const isCited = (text: string, { citations }: Statement): boolean => citations.some((one) => citationText(one) === text)

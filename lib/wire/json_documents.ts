/** The JSON documents of a text that holds several: NDJSON, one pretty-printed after another, with other lines between them. */

export interface JsonDocument {
  readonly text: string
  /** The line it starts on, from 1. */
  readonly line: number
  /** Where it stands in the whole text. */
  readonly from: number
  readonly to: number
}

/** Lines with ink that are part of no document, by number. */
export function linesBetween(text: string, documents: readonly JsonDocument[]): number[] {
  const lines: number[] = []
  let line = 1, at = 0, next = 0
  for (const each of text.split('\n')) {
    const end = at + each.length
    while ((documents[next]?.to ?? Infinity) <= at) next++
    const document = documents[next]
    if (each.trim() !== '' && !(document !== undefined && document.from <= end && document.to > at)) lines.push(line)
    line++
    at = end + 1
  }
  return lines
}

/** Objects and arrays that each begin on a line of their own; one that is cut off is given as far as it goes. */
export function* jsonDocuments(text: string): Generator<JsonDocument> {
  const start = /^[ \t]*[[{]/gm
  let line = 1, counted = 0
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const from = found.index + found[0].length - 1
    for (let at = text.indexOf('\n', counted); at >= 0 && at < from; at = text.indexOf('\n', counted)) {
      line++
      counted = at + 1
    }
    const end = endOfDocument(text, from)
    yield { text: text.slice(from, end), line, from, to: end }
    start.lastIndex = end
  }
}

function endOfDocument(text: string, from: number): number {
  const marks = /["[\]{}]/g
  marks.lastIndex = from
  let depth = 0
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const [character] = mark
    if (character === '"') marks.lastIndex = endOfString(text, mark.index)
    else if (character === '{' || character === '[') depth++
    else if (--depth === 0) return mark.index + 1
  }
  return text.length
}

/** The place after the string that opens at `open`; the end of the text where it is never closed. */
function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0
    while (text[at - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return at + 1
  }
  return text.length
}

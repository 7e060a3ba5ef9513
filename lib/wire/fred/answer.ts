/** Answers of FRED and ALFRED (https://fred.stlouisfed.org/docs/api/fred/) in one shape for XML and JSON: a head and rows of texts. */
import { Failure } from '#port/failure'
import { elementsIn, readXml, type Element } from '../feed/xml.ts'
import { exactId, exactList, exactObject, exactString, parseExact, type Exact, type ExactObject } from '../json_exact.ts'

export type Row = { readonly [field: string]: string }

export interface Answer {
  /** What the rows are: `observations`, `seriess`, `release_dates` ... */
  readonly kind: string
  readonly head: Row
  readonly rows: readonly Row[]
  /** Where whoever kept the answer wrote its series beside it. */
  readonly series?: string
}

/** Undefined where the text is no answer of FRED. Throws Failure `data` where it is an error, or broken. */
export function readAnswers(text: string, name: string): readonly Answer[] | undefined {
  return text.trimStart().startsWith('<') ? xmlAnswer(text, name) : jsonAnswers(parseExact(text, name), name)
}

const KINDS = new Set(['observations', 'seriess', 'vintage_dates', 'release_dates', 'releases', 'categories', 'sources', 'tags'])

function xmlAnswer(text: string, name: string): readonly Answer[] | undefined {
  const { root, fault } = readXml(text, name)
  const kind = root.name
  if (kind === 'error') throw errorOf(name, root.attributes['code'], root.attributes['message'])
  if (!KINDS.has(kind)) return undefined
  if (fault !== undefined) throw new Failure('data', `${name}: broken XML: ${fault}`)
  return [{ kind, head: root.attributes, rows: elementsIn(root).map(rowOf) }]
}

const rowOf = (element: Element): Row => element.attributes

function errorOf(name: string, code: string | undefined, message: string | undefined): Failure {
  const said = (message ?? '').replace(/\s+/g, ' ').slice(0, 200)
  return new Failure('data', `${name}: FRED answered with an error${code === undefined ? '' : ` ${code}`}: ${said}`)
}

export function jsonAnswers(value: Exact, name: string): readonly Answer[] | undefined {
  const object = exactObject(value)
  if (object === undefined) return undefined
  if (object['error_code'] !== undefined) throw errorOf(name, exactId(object['error_code']), exactString(object['error_message']))
  const own = answerIn(object)
  if (own !== undefined) return [own]
  // Several answers, by series.
  const answers = Object.entries(object).map(([series, each]) => {
    const answer = answerIn(exactObject(each) ?? {})
    return answer === undefined ? undefined : { ...answer, series }
  })
  return answers.length > 0 && answers.every((answer) => answer !== undefined) ? answers : undefined
}

function answerIn(object: ExactObject): Answer | undefined {
  const kind = Object.keys(object).find((member) => KINDS.has(member) && exactList(object[member]) !== undefined)
  if (kind === undefined || (object['realtime_start'] === undefined && kind !== 'tags')) return undefined
  const rows = exactList(object[kind]) ?? []
  return { kind, head: textsIn(object), rows: rows.map((row) => textsIn(exactObject(row) ?? {})) }
}

/** Members that are texts or numbers, as they are written. */
function textsIn(object: ExactObject): Row {
  const row: { [field: string]: string } = {}
  for (const [field, value] of Object.entries(object)) {
    const text = typeof value === 'string' ? value : exactId(value)
    if (text !== undefined) Object.defineProperty(row, field, { value: text, enumerable: true })
  }
  return row
}

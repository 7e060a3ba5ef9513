/**
 * A graph as others write it: GraphML, or the JSON lines of Neo4j's `apoc.export.json` (https://neo4j.com/docs/apoc/current/export/json/), one node or
 * relationship a line.
 */
import { Failure } from '#port/failure'
import type { EdgeSaid } from '#domain/graph/edges'
import { parseXml, type Element } from '../sec/xml.ts'
import { textOf } from '../csv/rows.ts'

export function edgesIn(bytes: Buffer, name: string): readonly EdgeSaid[] {
  const text = textOf(bytes)
  return /^\s*</.test(text) ? ofGraphml(parseXml(text, name), name) : ofApoc(text, name)
}

const SUBJECT = /^[a-z][a-z0-9_]*:./

function ofGraphml(root: Element, name: string): EdgeSaid[] {
  const graph = root.children.find((child) => child.name === 'graph')
  if (root.name !== 'graphml' || graph === undefined) throw new Failure('data', `${name}: expected <graphml> with a <graph>`)
  return graph.children.filter((child) => child.name === 'edge').map((edge, i) => {
    const value = (key: string): string | undefined => edge.children.find((child) => child.name === 'data' && child.attributes['key'] === key)?.text
    const { source, target } = edge.attributes
    return checked(source, target, value('relation') ?? value('label'), value('weight'), `${name}: edge ${i + 1}`)
  })
}

function ofApoc(text: string, name: string): EdgeSaid[] {
  const names = new Map<string, string>()
  const edges: EdgeSaid[] = []
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return
    const place = `${name}:${i + 1}`
    const row = objectOf(line, place)
    if (row['type'] === 'node') {
      const own = nameOf(row)
      if (own !== undefined) names.set(String(row['id']), own)
    } else if (row['type'] === 'relationship') {
      const { start, end, properties, label } = row
      const relation = typeof label === 'string' ? label.toLowerCase() : undefined
      edges.push(checked(endOf(start), endOf(end), relation, isObject(properties) ? properties['weight'] : undefined, place))
    } else throw new Failure('data', `${place}: expected a node or a relationship`)
  })
  return edges

  function endOf(end: unknown): string | undefined {
    return isObject(end) ? nameOf(end) ?? names.get(String(end['id'])) : undefined
  }
}

type Members = { readonly [name: string]: unknown }
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

function nameOf({ properties }: Members): string | undefined {
  const name = isObject(properties) ? properties['name'] : undefined
  return typeof name === 'string' ? name : undefined
}

function objectOf(line: string, place: string): Members {
  try {
    const value: unknown = JSON.parse(line)
    if (isObject(value)) return value
  } catch {
    // Said below.
  }
  throw new Failure('data', `${place}: expected a JSON object`)
}

function checked(from: string | undefined, to: string | undefined, relation: string | undefined, weight: unknown, place: string): EdgeSaid {
  if (from === undefined || !SUBJECT.test(from) || to === undefined || !SUBJECT.test(to)) throw new Failure('data', `${place}: expected ends like "ticker:GME"`)
  const heavy = weight === undefined ? 1 : Number(weight)
  if (!(heavy > 0)) throw new Failure('data', `${place}: expected a weight above 0`)
  return { from, to, relation: relation ?? 'linked', weight: heavy }
}

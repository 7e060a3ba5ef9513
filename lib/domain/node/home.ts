/** What a home says of the node it is of: a file that `vanta install` writes and the node's own user cannot change. */
import { BUS_KINDS, type BusKind } from '#domain/bus/address'
import { ROLES, isRole, type Role } from './role.ts'

/** In the home itself. Absent: a single machine, which may do everything. */
export const NODE_FILE = 'node.json'

export interface NodeSettings {
  readonly role: Role
  /** Where the streams between the nodes are; the server's address is in VANTA_REDIS or VANTA_KAFKA. */
  readonly bus: BusKind
  /** Where features are kept, where that is a bucket: `s3://BUCKET/PREFIX?endpoint=https://HOST`. */
  readonly features?: string | undefined
}

/** The settings, or what is wrong with the text: whoever cannot tell what a node is lets it do nothing. */
export function nodeIn(text: string): NodeSettings | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'expected an object with role and bus'
  const { role, bus = 'file', features, ...others } = value as { readonly [field: string]: unknown }
  const [unknown] = Object.keys(others), known = BUS_KINDS.find((one) => one === bus)
  if (unknown !== undefined) return `unknown field "${unknown}"`
  if (!isRole(role)) return `role: expected ${ROLES.join(', ')}, got ${JSON.stringify(role)}`
  if (known === undefined) return `bus: expected ${BUS_KINDS.join(', ')}, got ${JSON.stringify(bus)}`
  if (features !== undefined && !isBucket(features)) return `features: expected s3://BUCKET/PREFIX, got ${JSON.stringify(features)}`
  return { role, bus: known, ...(features !== undefined && { features }) }
}

export const isBucket = (place: unknown): place is string => typeof place === 'string' && /^s3:\/\/[^\s/]+/.test(place)

export const formatNode = ({ role, bus, features }: NodeSettings): string => `${JSON.stringify({ role, bus, features })}\n`

/** Which lines have to keep their order among one another, and so stand in one partition. */

const FNV_OFFSET = 0x811c9dc5, FNV_PRIME = 0x01000193

/** The partition of a key: 32-bit FNV-1a over its UTF-16 units (Fowler, Noll and Vo, draft-eastlake-fnv), the same in every process for ever. */
export function partitionOf(key: string, partitions: number): number {
  let hash = FNV_OFFSET
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME)
  return (hash >>> 0) % partitions
}

/** What a record is about: its subject, else the name its source has for it; its stream of health, vault or id otherwise. */
export function keyOf(record: object): string {
  const fields = record as { readonly [name: string]: unknown }
  for (const name of ['subject', 'key', 'stream', 'vault', 'id']) if (typeof fields[name] === 'string') return fields[name]
  return ''
}

/** {@link keyOf} a line; of what is no record, nothing. */
export function keyOfLine(line: string): string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return ''
  }
  return typeof value === 'object' && value !== null ? keyOf(value) : ''
}

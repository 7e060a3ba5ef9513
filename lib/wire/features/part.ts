/**
 * Observations of one view as a Parquet file (https://parquet.apache.org/docs/file-format): `entity`, `event_at`, `known_at`, `key`, `id`, and the
 * view's values as doubles, null where there is none. Sorted by entity, so that whoever looks for one reads a few row groups of many.
 */
import { Failure } from '#port/failure'
import type { Rows } from '#domain/features/rows'
import { parquetOfColumns } from '../parquet_write.ts'

/** The same rows give the same bytes. */
export const encodePart = ({ entities, eventMs, knownMs, keys, ids, values }: Rows): Buffer => parquetOfColumns([
  { name: 'entity', kind: 'words', cells: entities },
  { name: 'event_at', kind: 'moments', cells: eventMs },
  { name: 'known_at', kind: 'moments', cells: knownMs },
  { name: 'key', kind: 'words', cells: keys },
  { name: 'id', kind: 'words', cells: ids },
  ...[...values].map(([name, cells]) => ({ name, kind: 'numbers' as const, cells })),
])

/** The values that are wanted and there. Throws Failure `data` with the file's name where it cannot be read. */
export async function decodePart(bytes: Buffer, name: string, wanted: (column: string) => boolean): Promise<Rows> {
  const { parquetMetadata, parquetRead } = await import('hyparquet')
  const whole = new Uint8Array(bytes).buffer
  try {
    const metadata = parquetMetadata(whole), length = Number(metadata.num_rows)
    const own = new Map(['entity', 'key', 'id'].map((column): [string, string[]] => [column, new Array<string>(length)]))
    const times = new Map(['event_at', 'known_at'].map((column): [string, Float64Array] => [column, new Float64Array(length)]))
    const there = metadata.schema.slice(1).map((element) => element.name)
    const missing = [...own.keys(), ...times.keys()].find((column) => !there.includes(column))
    if (missing !== undefined) throw new RangeError(`it has no column "${missing}"`)
    const columns = there.filter((column) => own.has(column) || times.has(column) || wanted(column))
    const valued = columns.filter((column) => !own.has(column) && !times.has(column))
    const values = new Map(valued.map((column): [string, Float64Array] => [column, new Float64Array(length)]))
    await parquetRead({
      file: { byteLength: whole.byteLength, slice: (from, to) => whole.slice(from, to) }, metadata, columns,
      parsers: { timestampFromMilliseconds: Number },
      onChunk({ columnName, columnData, rowStart }) {
        const text = own.get(columnName), numbers = times.get(columnName) ?? values.get(columnName)
        for (let i = 0; i < columnData.length; i++) {
          const value: unknown = columnData[i]
          if (text !== undefined) text[rowStart + i] = typeof value === 'string' ? value : ''
          else if (numbers !== undefined) numbers[rowStart + i] = typeof value === 'number' ? value : NaN
        }
      },
    })
    return {
      length, entities: own.get('entity') ?? [], keys: own.get('key') ?? [], ids: own.get('id') ?? [],
      eventMs: times.get('event_at') ?? new Float64Array(), knownMs: times.get('known_at') ?? new Float64Array(), values,
    }
  } catch (error) {
    throw new Failure('data', `${name}: no file of features that can be read: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

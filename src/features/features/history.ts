import { joinedFeatures } from '#domain/features/join'
import { spanOf } from '#domain/features/rows'
import { readNamed } from '#port/folder'
import type { Column } from '#wire/parquet_write'
import { readAsked } from '#wire/features/table'
import { columnOfCells, encodeTable, textOfTable, TABLE_FORMATS, type TableFormat } from '#wire/features/table_write'
import { command, Failure } from '#tool'
import { definitionsOf, offlineOf, PICK, STORE, timelinesFor } from './common.ts'

export default command({
  name: 'vanta-features history',
  summary: 'Features of many entities, each as it was known at a moment of its own: the table that a model is trained on.',
  about: [
    'The rows that ask are CSV, NDJSON or Parquet with an entity and a time; all other columns (labels) are handed on. A feature in a row rests on what had',
    'happened and was known by its moment, corrections included as far as they were known; what is stale by its definition is missing.',
  ].join(' '),
  options: {
    entities: { kind: 'path', required: true, help: 'rows that ask (- is stdin)' },
    entityColumn: { kind: 'text', default: 'entity', help: 'column that says of whom' },
    timeColumn: { kind: 'text', default: 'time', help: 'column that says as of when' },
    output: { kind: 'path', help: 'file to write: .parquet, .csv or .ndjson (default: NDJSON to stdout)' },
    ...PICK, ...STORE,
  },
  examples: [
    "vanta-bars --from samples/season/bars/etf_daily_2020-09_2021-02.csv.gz | vanta-features ingest >/dev/null && " +
      "printf 'entity,time,label\\nticker:SPY,2021-01-15T15:00:00Z,1\\n' | " +
      "vanta-features history --entities - --features close,close_mean_28d -o $VANTA_HOME/train.parquet",
    { run: 'vanta-features history --entities no_such_file.csv', note: 'there is no such file', status: 2 },
  ],
  async act({ entities: path, entityColumn, timeColumn, output, features: names, ...values }, operands, world) {
    if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const format = formatOf(output), definitions = definitionsOf(values, world, names), offline = offlineOf(values, world)
    const asked = await readAsked(readNamed(world.folder, path), path === '-' ? 'stdin' : path, { entity: entityColumn, time: timeColumn })
    const wanted = new Set(asked.entities), [fromMs, toMs] = spanOf(asked.asOfMs), features = [...definitions.features.values()]
    const clash = features.find(({ name }) => asked.others.has(name) || name === entityColumn || name === timeColumn)
    if (clash !== undefined) throw new Failure('usage', `${path}: the column "${clash.name}" is called like a feature`)
    const timelines = await timelinesFor(offline, await offline.manifest(), definitions, { fromMs, toMs, which: 'fresh', isWanted: (one) => wanted.has(one) })
    const joined = joinedFeatures(features, timelines, asked.entities, asked.asOfMs)
    const columns: Column[] = [
      { name: entityColumn, kind: 'words', cells: asked.entities }, { name: timeColumn, kind: 'moments', cells: asked.asOfMs },
      ...[...asked.others].map(([name, cells]) => columnOfCells(name, cells)),
      ...[...joined].map(([name, cells]): Column => ({ name, kind: 'numbers', cells })),
    ]
    if (output === undefined) for (const text of textOfTable(columns, 'ndjson')) world.print(text)
    else world.folder.write(output, encodeTable(columns, format))
    world.log.info(`${asked.entities.length} rows, ${features.length} features`)
  },
})

function formatOf(output: string | undefined): TableFormat {
  const end = output === undefined ? 'ndjson' : output.slice(output.lastIndexOf('.') + 1), format = TABLE_FORMATS.find((one) => one === end)
  if (format === undefined) throw new Failure('usage', `--output: expected a name that ends in .parquet, .csv or .ndjson, got "${output}"`)
  return format
}

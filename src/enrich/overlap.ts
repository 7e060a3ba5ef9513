import { formatInstant } from '#record'
import { command } from '#tool'
import { columns } from '#domain/report/columns'
import { OVERLAP_FILE, OverlapCounter, overlapMemory } from '#domain/outcome/overlap'

export default command({
  name: 'vanta-overlap',
  summary: 'How far sources repeat one another, and how many independent ones they are worth.',
  about: [
    'Reads the readings of the audit log over the window before its latest record. Two sources overlap by the cosine of what they said of the same',
    'subjects in the same spans of time; the effective number is the participation ratio of the matrix: a source that only repeats another adds',
    'nothing to it. Written to memory/overlap.json, by which vanta-synthesize discounts what sources repeat.',
  ].join(' '),
  options: {
    window: { kind: 'duration', default: '30d', help: 'how far back' },
    bucket: { kind: 'duration', default: '1d', help: 'what is said within such a span counts as said together' },
    least: { kind: 'integer', default: '5', help: 'leave out sources that said less' },
    matrix: { kind: 'flag', help: 'the whole matrix, not only the number and the closest pairs' },
    table: { kind: 'flag', help: 'a table for people' },
  },
  examples: ['vanta-overlap --matrix --table --home /tmp/vanta-none'],
  act({ window, bucket, least, matrix: whole, table }, _, world) {
    const counter = new OverlapCounter(bucket)
    for (const record of world.past(window)) if (record.kind === 'signal') counter.hear(record)
    const overlap = counter.overlap(least)
    const { sources, matrix, cells, effective } = overlap
    const pairs = sources.flatMap((a, i) => sources.slice(i + 1).map((b, k) => ({ a, b, overlap: matrix[i]?.[i + 1 + k] ?? 0 })))
      .sort((x, y) => y.overlap - x.overlap || (x.a + x.b < y.a + y.b ? -1 : 1))
    const three = (value: number): string => value.toFixed(3)
    if (table) {
      if (whole) {
        const rows = sources.map((source, i) => [String(i + 1), source, String(cells[i] ?? 0), ...(matrix[i] ?? []).map(three)])
        const right = new Set([0, ...Array.from({ length: sources.length + 1 }, (__, i) => i + 2)])
        for (const line of columns([['', 'SOURCE', 'CELLS', ...sources.map((__, i) => String(i + 1))], ...rows], right)) world.print(line)
      } else {
        const rows = pairs.slice(0, 20).map(({ a, b, overlap }) => [a, b, three(overlap)])
        for (const line of columns([['ONE', 'OTHER', 'OVERLAP'], ...rows], new Set([2]))) world.print(line)
      }
      world.print(`${sources.length} sources, worth ${effective.toFixed(2)} independent ones`)
    } else world.print(JSON.stringify({ sources, cells, effective, ...(whole ? { matrix } : { pairs: pairs.slice(0, 20) }) }))
    if (sources.length === 0) return
    world.store.write(OVERLAP_FILE, overlapMemory(overlap, formatInstant(world.clock.now())), world.store.read(OVERLAP_FILE)?.version ?? 0)
  },
})

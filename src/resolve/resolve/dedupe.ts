import { readNamed } from '#port/folder'
import { command } from '#tool'
import { dedupe } from '#domain/resolve/linkage'
import { namedRowsOf } from '#wire/resolve/rows'

export default command({
  name: 'vanta-resolve dedupe',
  summary: 'Say which records of one file are one, without any label to learn from.',
  about:
    'As `vanta-resolve link` does between two files. Records become one only where the mean over all pairs across speaks for it, so that one wrong ' +
    'pair joins nothing. One line a record: its id, the id of the first record of its cluster, and the size of that.',
  options: {
    in: { kind: 'path', required: true, help: 'CSV with a header, or a JSON object a line' },
    id: { kind: 'text', help: 'the column that names records (default: one called id or ..._id that is different in every row, else the row number)' },
  },
  examples: [
    'printf "id,name,city\\n1,Ann Smith,Boston\\n2,Bob Jones,Denver\\n3,Bob Jnoes,Denver\\n" > /tmp/c.csv && vanta-resolve dedupe --in /tmp/c.csv',
  ],
  act({ in: path, id }, _, world) {
    const rows = namedRowsOf(readNamed(world.folder, path), path, id)
    const { cluster } = dedupe(rows.map(({ fields }) => fields))
    const sizes = new Map<number, number>()
    for (const first of cluster) sizes.set(first, (sizes.get(first) ?? 0) + 1)
    rows.forEach((row, i) => {
      const first = cluster[i] ?? i
      world.print(JSON.stringify({ id: row.id, cluster: rows[first]?.id, size: sizes.get(first) }))
    })
  },
})

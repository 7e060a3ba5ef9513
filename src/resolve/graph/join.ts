import { setMember } from '#record/member'
import { parseMoment } from '#record/time'
import { BadRow, Failure, rows } from '#tool'
import { readNamed } from '#port/folder'
import { featuresIn } from '#wire/graph/features'

export default rows({
  name: 'vanta-graph join',
  summary: 'Each row back with what the graph said of its entity by its time: rows of vanta-graph features beside rows of any kind.',
  about: [
    'The latest features at or before the time of the row are added as members: graph_neighbours, graph_weight, graph_page_rank, graph_community,',
    'graph_community_size, graph_within, graph_v0 and so on. Where nothing was known by then nothing is added, which models take as missing. The same',
    'line stands before vanta-train, which learns from the rows, and before vanta-classify, which is asked about them.',
  ].join(' '),
  options: {
    features: { kind: 'path', required: true, help: 'rows of vanta-graph features; .gz is unpacked' },
    key: { kind: 'text', required: true, help: 'the field that names the entity' },
    prefix: { kind: 'text', help: 'what stands before that name in the graph, such as ticker:' },
    time: { kind: 'text', default: 'at', help: 'the field with the time of the row: an instant, or a day (its first moment)' },
    as: { kind: 'text', default: 'graph_', help: 'what the names of the members begin with' },
  },
  examples: [
    'vanta-graph features --to 2021-02-01 --home /nowhere > /tmp/features && '
      + 'echo \'{"ticker":"GME","at":"2021-02-03"}\' | vanta-graph join --features /tmp/features --key ticker --prefix ticker:',
  ],
  open({ features: file, key, prefix = '', time, as }, { folder }) {
    if (!/^[\w.-]+$/.test(as)) throw new Failure('usage', `--as: expected letters, digits, "_", "-" and ".", got "${as}"`)
    const known = featuresIn(readNamed(folder, file), file)
    return {
      each(row, line, emit) {
        const name = row[key], at = row[time], ms = typeof at === 'string' ? parseMoment(at) : undefined
        if (typeof name !== 'string' || name === '') throw new BadRow(`field "${key}": expected a name`)
        if (ms === undefined) throw new BadRow(`field "${time}": expected an instant or a day`)
        let joined = line
        for (const [member, json] of known.of(`${prefix}${name}`, ms) ?? []) joined = setMember(joined, `${as}${member}`, json)
        emit(joined)
      },
    }
  },
})

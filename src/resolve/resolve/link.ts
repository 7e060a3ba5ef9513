import { logistic, logit } from '#record'
import { readNamed } from '#port/folder'
import { command } from '#tool'
import { link } from '#domain/resolve/linkage'
import { namedRowsOf } from '#wire/resolve/rows'

export default command({
  name: 'vanta-resolve link',
  summary: 'Say which records of two files are one, without any label to learn from.',
  about:
    'Files are CSV with a header or a JSON object a line. How often each field agrees among the same and among different records is learned from the ' +
    'files themselves (Fellegi and Sunter 1969, by expectation and maximisation). One line a pair: the ids of both and the probability that they are ' +
    'one, surest first.',
  options: {
    left: { kind: 'path', required: true, help: 'one file' },
    right: { kind: 'path', required: true, help: 'the other' },
    id: { kind: 'text', help: 'the column that names records (default: one called id or ..._id that is different in every row, else the row number)' },
    many: { kind: 'flag', help: 'let a record be linked to several' },
    least: { kind: 'number', default: '0.5', help: 'least probability of a link' },
  },
  examples: [
    'printf "id,name,city\\n1,Ann Smith,Boston\\n2,Bob Jones,Denver\\n" > /tmp/a.csv && ' +
      'printf "id,name,city\\nx,Bob Jnoes,Denver\\ny,Anne Smith,Boston\\n" > /tmp/b.csv && ' +
      'vanta-resolve link --left /tmp/a.csv --right /tmp/b.csv',
  ],
  act({ left, right, id, many, least }, _, world) {
    const from = namedRowsOf(readNamed(world.folder, left), left, id), to = namedRowsOf(readNamed(world.folder, right), right, id)
    const threshold = logit(least)
    for (const pair of link(from.map(({ fields }) => fields), to.map(({ fields }) => fields), { many, threshold })) {
      world.print(JSON.stringify({
        left: from[pair.left]?.id, right: to[pair.right]?.id, probability: Math.round(logistic(pair.logOdds) * 1e6) / 1e6,
      }))
    }
  },
})

import { readNamed } from '#port/folder'
import { command } from '#tool'
import { judge, trainMatcher } from '#domain/resolve/matcher'
import { labelledPairsOf, pairsOf } from '#wire/resolve/rows'

export default command({
  name: 'vanta-resolve pairs',
  summary: 'Learn from labelled pairs which records are one, and say so of others.',
  about:
    'A pair is a JSON line {"left": {...}, "right": {...}, "match": 0 or 1}; fields are texts or numbers, whatever their names. Trees over the ' +
    'likenesses of the fields are learned from --train; what their answers mean as probabilities, and from where on a pair is called a match, from ' +
    '--valid, else from fifths of --train that the model has not seen. Each pair of --in comes back with `probability` and `is_match`.',
  options: {
    train: { kind: 'path', required: true, help: 'labelled pairs to learn from' },
    valid: { kind: 'path', help: 'labelled pairs to choose the threshold and the calibration on' },
    in: { kind: 'path', required: true, help: 'pairs to judge; a label in them is not looked at' },
  },
  examples: [
    'seq 20 | jq -c \'{left: {name: "acme \\(.)"}, right: {name: "ACME \\(. + . % 2)"}, match: (1 - . % 2)}\' > /tmp/pairs.ndjson && ' +
      'vanta-resolve pairs --train /tmp/pairs.ndjson --in /tmp/pairs.ndjson | jq -c "[.match, .is_match]" | sort | uniq -c',
  ],
  act({ train, valid, in: asked }, _, world) {
    const validation = valid === undefined ? undefined : labelledPairsOf(readNamed(world.folder, valid), valid)
    const matcher = trainMatcher(labelledPairsOf(readNamed(world.folder, train), train), validation)
    const pairs = pairsOf(readNamed(world.folder, asked), asked)
    judge(matcher, pairs).forEach(({ probability, isMatch }, i) => {
      world.print(JSON.stringify({ ...pairs[i]?.given, probability: Math.round(probability * 1e6) / 1e6, is_match: isMatch }))
    })
  },
})

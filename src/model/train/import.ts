import { command, Failure } from '#tool'
import { readNamed } from '#port/folder'
import type { Classifier } from '#domain/learn/classifier'
import { lightgbmForest } from '#wire/trees/lightgbm'
import { xgboostForest } from '#wire/trees/xgboost'
import { sha256Of } from '#wire/models'
import { writeClassifier } from './write.ts'

export default command({
  name: 'vanta-train import',
  summary: 'A model that XGBoost or LightGBM has learned, as one that vanta-classify serves.',
  about: [
    'Reads what their save_model writes: JSON of XGBoost, text of LightGBM, told apart by the first character. Trees over numbers that tell two classes',
    'or more apart; splits by sets of words, other objectives and other boosters are refused by name. Probabilities are theirs to a millionth.',
  ].join(' '),
  options: {
    in: { kind: 'path', required: true, help: 'the file that save_model wrote; .gz is unpacked, - is stdin' },
    output: { kind: 'path', required: true, help: 'where to write, such as models/adult' },
    target: { kind: 'text', default: 'class', help: 'what the classes are classes of' },
    classes: { kind: 'list', help: 'their names in the order of their numbers (default: the numbers)' },
    onnx: { kind: 'flag', help: 'write OUTPUT.onnx too' },
  },
  examples: ['vanta-train import --in test/wire/trees/lightgbm.txt --classes no,yes -o $(mktemp -d)/theirs'],
  act({ in: file, output, target, classes: names, onnx }, _, world) {
    const bytes = readNamed(world.folder, file), text = bytes.toString('utf8')
    const isJson = text.trimStart().startsWith('{')
    const { forest, slope } = isJson ? { forest: xgboostForest(jsonIn(text, file), file), slope: 1 } : lightgbmForest(text, file)
    const count = Math.max(2, forest.trees.length), classes = names ?? Array.from({ length: count }, (__, k) => String(k))
    if (classes.length !== count) throw new Failure('usage', `--classes: ${classes.length} names, the model has ${count} classes`)
    const model: Classifier = {
      kind: 'classify', target, classes, codes: forest.features.map((name) => ({ name, kind: 'number' })), forest, calibration: { slope, intercept: 0 },
    }
    const library = isJson ? 'XGBoost' : 'LightGBM'
    const card = writeClassifier(world.folder, output, model, onnx, {
      what: `${target} of a row: ${classes.join(', ')}`,
      made_by: `vanta-train import, from what ${library} had learned`,
      learned_from: { file, sha256: sha256Of(bytes), library },
      features: model.codes.map(({ name, kind }) => `${name}: ${kind}`),
    })
    world.print(JSON.stringify({ model: output, sha256: card.sha256, library, trees: forest.trees[0]?.length ?? 0 }))
  },
})

function jsonIn(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Failure('data', `${file}: not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

import { sha256Of } from '#record/sha256'
import { command, Failure } from '#tool'
import { readNamed } from '#port/folder'
import type { Classifier } from '#domain/learn/classifier'
import { lightgbmForest } from '#wire/trees/lightgbm'
import { xgboostForest } from '#wire/trees/xgboost'
import { importClassifier, importForecaster } from './import_onnx.ts'
import { writeClassifier } from './write.ts'

/** What says something of classes. */
const UNHEEDED = ['target', 'classes', 'features', 'onnx'] as const

export default command({
  name: 'vanta-train import',
  summary: 'A model that others have learned (XGBoost, LightGBM, or any as ONNX) as one that vanta-classify or vanta-forecast serves.',
  about: [
    'Reads what their save_model writes: JSON of XGBoost, text of LightGBM, told apart by the first character. Trees over numbers that tell two classes',
    'or more apart; splits by sets of words, other objectives and other boosters are refused by name. Probabilities are theirs to a millionth.',
    'An ONNX file of anyone\'s (--in NAME.onnx) is taken as it is, where it has one input of numbers, rows by fields, and one output of numbers, rows by',
    'classes, that are probabilities: --features and --classes name them in their order. A missing value is handed to it as NaN. With --forecast it is one',
    'that vanta-forecast serves: one input of numbers, series by the last values of each, oldest first, and one output of numbers, series by steps ahead.',
  ].join(' '),
  options: {
    in: { kind: 'path', required: true, help: 'the file that save_model wrote; .gz is unpacked, - is stdin' },
    output: { kind: 'path', required: true, help: 'where to write, such as models/adult' },
    target: { kind: 'text', help: 'what the classes are classes of (default: class)' },
    classes: { kind: 'list', help: 'their names in the order of their numbers (default: the numbers; needed for ONNX)' },
    features: { kind: 'list', help: 'the fields that an ONNX file takes, all of numbers, in the order of its input' },
    forecast: { kind: 'flag', help: 'of an ONNX file: it says what comes next of series' },
    onnx: { kind: 'flag', help: 'write OUTPUT.onnx too' },
  },
  examples: [
    'vanta-train import --in test/wire/trees/lightgbm.txt --classes no,yes -o $(mktemp -d)/theirs',
    'vanta-train import --in test/wire/onnx/iris.onnx --features sepal_length,sepal_width,petal_length,petal_width '
      + '--classes setosa,versicolor,virginica -o $(mktemp -d)/theirs',
  ],
  async act({ in: file, output, forecast, ...given }, _, world) {
    if (output === '-') throw new Failure('usage', '-o: a model is two files, no stream')
    const unheeded = forecast ? UNHEEDED.filter((name) => given[name] !== undefined && given[name] !== false) : []
    if (unheeded.length > 0) throw new Failure('usage', `--${unheeded.join(', --')}: not of a forecaster, which takes values and says values`)
    const bytes = readNamed(world.folder, file)
    if (forecast) return importForecaster({ file, bytes, output }, world)
    const { target = 'class', classes: names, features, onnx } = given
    if (file.endsWith('.onnx')) return importClassifier({ file, bytes, output }, { target, classes: names ?? [], fields: features ?? [] }, world)
    if (features !== undefined) throw new Failure('usage', '--features: only of an ONNX file')
    const text = bytes.toString('utf8'), isJson = text.trimStart().startsWith('{')
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

import { setMember } from '#record/member'
import { BadRow, Failure, rows, type Row, type RowStage, type RowWorld } from '#tool'
import type { Classifier } from '#domain/learn/classifier'
import { classifierIn } from '#domain/learn/classifier_shape'
import { Coder, type FieldCode } from '#domain/learn/coding'
import { askedOf, kernelExplained, limeExplained, TreeExplaining, type Asked, type Explanation, type Sampling } from '#domain/learn/explanation'
import { rowOf } from '#domain/learn/table'
import { readNamed } from '#port/folder'
import { cellFor, fieldsFor, fieldsIn } from '#wire/fields'
import { onnxAsked } from '#wire/asked'
import { readCard, readModel, type Card } from '#wire/models'
import { isForecaster } from '#wire/neural_model'
import { seriesStage } from './series.ts'

export default rows({
  name: 'vanta-explain rows',
  summary: 'Each row back with what a model says of it, as what each of its fields adds to what the model says in general.',
  about: [
    'tree: exact Shapley values of the trees of a model of vanta-train (TreeSHAP), a field that is absent going both ways by the shares that were learned.',
    'kernel: Shapley values of any model against --background rows (KernelSHAP), exact where all subsets of the fields are no more than --samples.',
    'lime: a straight line near the row, with the share of the variance there that it explains. Scores are the log-odds of the second of two classes, else',
    'what softmax makes shares of; of a model that is an ONNX file (its own .card.json beside it, its fields named by --features), what it puts out. The',
    'terms of every explanation are checked to add up to the score. A Temporal Fusion Transformer of vanta-train forecast is told series (--key, --value), and',
    'says of each step ahead how much each variable counted, of the past and of the step, and at which steps before it attention looked most.',
  ].join(' '),
  options: {
    model: { kind: 'path', required: true, help: 'the model, such as models/adult; or an ONNX file' },
    method: { kind: 'choice', choices: ['tree', 'kernel', 'lime'], default: 'tree', help: 'how it is reckoned' },
    background: { kind: 'path', help: 'rows that stand for what is usual, for kernel and lime: CSV or a JSON object a line' },
    most: { kind: 'integer', default: '50', help: 'rows of the background that are used, drawn by --seed' },
    samples: { kind: 'integer', default: '2000', help: 'subsets of the fields that are asked about, at most' },
    features: { kind: 'list', help: 'the fields of an ONNX model, all of numbers, in the order of its input' },
    key: { kind: 'text', help: 'of a forecaster: the field that names the series (default: all rows are one series)' },
    value: { kind: 'text', default: 'value', help: 'of a forecaster: the field that holds the value' },
    as: { kind: 'text', default: 'explanation', help: 'the member that is added to each row' },
  },
  examples: [
    'd=$(mktemp -d) && vanta-train classify --target species --in samples/iris.csv --split seed --trees 60 -o $d/iris > $d/judged '
      + '&& echo \'{"petal_length":5.1,"petal_width":1.9}\' | vanta-explain --model $d/iris',
  ],
  async open({ model: name, method, background, most, samples, features, key, value, as }, world) {
    if (!/^[\w.-]+$/.test(as)) throw new Failure('usage', `--as: expected letters, digits, "_", "-" and ".", got "${as}"`)
    if (samples < 2) throw new Failure('usage', `--samples: expected at least 2, got ${samples}`)
    if (most < 1) throw new Failure('usage', `--most: expected at least 1, got ${most}`)
    if (name.endsWith('.onnx')) {
      if (method === 'tree') throw new Failure('usage', '--method: an ONNX model is explained by kernel or lime')
      if (features === undefined || features.length === 0) throw new Failure('usage', '--features: which fields does the ONNX model take?')
      const session = await world.inference.open({ name, bytes: readNamed(world.folder, name), sha256: hashOf(readCard(world.folder, name)) })
      const codes = features.map((field): FieldCode => ({ name: field, kind: 'number' }))
      return new Stage(codes, new Coder(codes, []), method, as, await onnxAsked(session, features, name), usual(codes, new Coder(codes, [])))
    }
    const { model } = readModel(world.folder, name)
    if (isForecaster(model)) return seriesStage(name, { key, value }, world)
    const read = classifierIn(model)
    if ('fault' in read) throw new Failure('config', `${name}: no model of vanta-train classify: ${read.fault}`)
    const { codes, classes } = read.model, coder = new Coder(codes, classes)
    if (method !== 'tree') return new Stage(codes, coder, method, as, askedOf(read.model), usual(codes, coder))
    return new Stage(codes, coder, treesOf(read.model, name), as, askedOf(read.model), undefined)

    function usual(wanted: readonly FieldCode[], reader: Coder): Sampling {
      if (background === undefined) throw new Failure('usage', `--background: ${method} needs rows that stand for what is usual`)
      const table = reader.table(fieldsFor(fieldsIn(readNamed(world.folder, background), background).fields, wanted, background))
      return { background: drawn(table.rows, most, world).map((row) => rowOf(table, row)), samples, next: chanceOf(world) }
    }
  },
})

/** The card of a model of ours is that of its JSON, and says the hash of the ONNX beside it. */
const hashOf = ({ sha256, onnx_sha256 }: Card): string => onnx_sha256 ?? sha256

function treesOf(model: Classifier, name: string): TreeExplaining {
  try {
    return new TreeExplaining(model)
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('config', `${name}: ${error.message}`)
    throw error
  }
}

function chanceOf(world: RowWorld): () => number {
  const random = world.random('coalitions')
  return () => random.next()
}

/** Places of `most` of `rows`, or of all, in their order. */
function drawn(rows: number, most: number, world: RowWorld): number[] {
  const random = world.random('background'), chosen: number[] = []
  for (let row = 0; row < rows; row++) if (random.next() * (rows - row) < most - chosen.length) chosen.push(row)
  return chosen
}

class Stage implements RowStage {
  readonly #codes: readonly FieldCode[]
  readonly #coder: Coder
  readonly #how: TreeExplaining | 'kernel' | 'lime'
  readonly #as: string
  readonly #asked: Asked
  readonly #usual: Sampling | undefined

  constructor(codes: readonly FieldCode[], coder: Coder, how: TreeExplaining | 'kernel' | 'lime', as: string, asked: Asked, usual: Sampling | undefined) {
    this.#codes = codes
    this.#coder = coder
    this.#how = how
    this.#as = as
    this.#asked = asked
    this.#usual = usual
  }

  each(row: Row, line: string, emit: (line: string) => void): void | Promise<void> {
    const columns = this.#coder.features.map(() => new Float64Array(1))
    this.#coder.put(columns, 0, (code) => {
      const is = cellFor(row, code)
      if ('fault' in is) throw new BadRow(is.fault)
      return is.cell
    })
    const values = Float64Array.from(columns, ([value]) => value ?? NaN)
    const say = (explanations: readonly Explanation[]): void => emit(setMember(line, this.#as, this.#said(explanations)))
    if (this.#how instanceof TreeExplaining) return say(this.#how.explain(values))
    if (this.#usual === undefined) return
    return (this.#how === 'kernel' ? kernelExplained : limeExplained)(this.#asked, values, this.#usual).then(say)
  }

  /** The fields that do most come first. */
  #said(explanations: readonly Explanation[]): string {
    const method = this.#how instanceof TreeExplaining ? 'tree' : this.#how
    const of = explanations.map(({ answer, base, adds, score, line }) => [answer, {
      base: nine(base), score: nine(score), ...(line !== undefined && { line: nine(line.score), fit: nine(line.fit) }),
      adds: Object.fromEntries(this.#codes.map(({ name }, f) => [name, nine(adds[f] ?? 0)] as const).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))),
    }] as const)
    return JSON.stringify({ method, of: Object.fromEntries(of) })
  }
}

const nine = (value: number): number => Number(value.toPrecision(9))

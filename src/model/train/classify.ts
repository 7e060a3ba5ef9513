import { sha256Of } from '#record/sha256'
import { command, Failure, type ActionWorld } from '#tool'
import { learnClassifier, LEARNING, type LearningTerms } from '#domain/learn/classifier'
import { ownBoosting } from '#domain/learn/boosting'
import type { Field } from '#domain/learn/coding'
import { readNamed } from '#port/folder'
import { fieldsIn } from '#wire/fields'
import { judgedOf, shown } from './learning.ts'
import { madeBy } from './made_by.ts'
import { writeClassifier } from './write.ts'

/** A field of more values is no class. */
const CLASSES_MAX = 100

export default command({
  name: 'vanta-train classify',
  summary: 'Learn to tell classes of rows apart: boosted trees over numbers and words, stopped and calibrated on later rows.',
  about: [
    'Reads CSV with a header, or a JSON object a line. Empty cells, "?", null and absent members are missing values, which have a way of their own',
    'down each tree. Words are read by how often their rows were of each class, out of fold while learning; frequent ones have a feature of their own.',
    'The last tenth of the rows judges and calibrates, the tenth before it says when to stop; then the trees are grown once more from all rows, as many',
    'as were best (--held-back: not so, and the model is the very one that was judged). Writes OUTPUT.json and OUTPUT.card.json.',
  ].join(' '),
  options: {
    target: { kind: 'text', required: true, help: 'the field to tell' },
    in: { kind: 'path', required: true, help: 'rows to learn from; .gz is unpacked, - is stdin' },
    output: { kind: 'path', required: true, help: 'where to write, such as models/adult' },
    without: { kind: 'list', help: 'fields that are not learned from' },
    weight: { kind: 'text', help: 'a field that says how much each row counts' },
    split: { kind: 'choice', choices: ['order', 'seed'], default: 'order', help: 'which rows come later: the last ones, or those that --seed shuffles there' },
    rising: { kind: 'list', help: 'fields of numbers with which the second of two classes may only grow more likely' },
    falling: { kind: 'list', help: 'fields of numbers with which it may only grow less likely' },
    engine: { kind: 'choice', choices: ['own', 'xgboost'], default: 'own', help: 'what grows the trees: ours, or XGBoost 0.6 (slower; no --weight, --rising)' },
    trees: { kind: 'integer', default: String(LEARNING.trees), help: 'most rounds' },
    leaves: { kind: 'integer', default: String(LEARNING.leaves), help: 'most leaves of a tree' },
    rate: { kind: 'number', default: String(LEARNING.rate), help: 'share of each tree that is taken' },
    minRows: { kind: 'integer', default: String(LEARNING.minRows), help: 'least rows of a leaf' },
    patience: { kind: 'integer', default: String(LEARNING.patience), help: 'rounds without a lower loss after which there are no more' },
    heldBack: { kind: 'flag', help: 'never learn from the rows that stopped and judged' },
    onnx: { kind: 'flag', help: 'write OUTPUT.onnx too: a TreeEnsembleClassifier over the features as they are coded' },
  },
  examples: ['vanta-train classify --target species --in samples/iris.csv --split seed -o $(mktemp -d)/iris'],
  async act(options, _, world) {
    if (options.output === '-') throw new Failure('usage', '-o: a model is two files, no stream')
    const terms = termsOf(options)
    const bytes = readNamed(world.folder, options.in)
    const { fields, rows } = fieldsIn(bytes, options.in)
    const order = options.split === 'order' ? undefined : shuffled(rows, world)
    const { classes, labels, weights, others } = partsOf(order === undefined ? fields : fields.map((field) => inOrder(field, order)), options)
    const engine = options.engine === 'own' ? ownBoosting : world.xgboost
    const learned = await shown(world, (told) => learnClassifier(options.target, classes, others, labels, terms, weights, told, engine))
    const judged = judgedOf(learned, options.heldBack)
    const card = writeClassifier(world.folder, options.output, learned.model, options.onnx, {
      what: `${options.target} of a row: ${classes.join(', ')}`,
      made_by: madeBy('classify', wordsOf(options), world),
      learned_from: { file: options.in, rows, sha256: sha256Of(bytes) },
      features: learned.model.codes.map(({ name, kind }) => `${name}: ${kind}`),
      judged,
      seed: options.split === 'seed' ? 'of the order of the rows, see made_by (1 where it says none)' : 'none: no chance is involved',
    })
    world.print(JSON.stringify({ model: options.output, sha256: card.sha256, ...judged }))
  },
})

interface Chosen extends Pick<LearningTerms, 'trees' | 'leaves' | 'rate' | 'minRows' | 'patience'> {
  readonly target: string
  readonly without: readonly string[] | undefined
  readonly weight: string | undefined
  readonly rising: readonly string[] | undefined
  readonly falling: readonly string[] | undefined
  readonly heldBack: boolean
  readonly onnx: boolean
  readonly engine: 'own' | 'xgboost'
}

function termsOf({ trees, leaves, rate, minRows, patience, rising = [], falling = [], heldBack }: Chosen): LearningTerms {
  const least = (name: string, value: number, from: number): void => {
    if (value < from) throw new Failure('usage', `--${name}: expected at least ${from}, got ${value}`)
  }
  least('trees', trees, 1)
  least('leaves', leaves, 2)
  least('min-rows', minRows, 1)
  least('patience', patience, 1)
  if (!(rate > 0) || rate > 1) throw new Failure('usage', `--rate: expected more than 0 and at most 1, got ${rate}`)
  return { ...LEARNING, trees, leaves, rate, minRows, patience, rising, falling, whole: !heldBack }
}

function shuffled(rows: number, world: ActionWorld): number[] {
  const random = world.random('split'), order = Array.from({ length: rows }, (_, row) => row)
  for (let i = rows - 1; i > 0; i--) {
    const j = random.integer(i + 1), one = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = one
  }
  return order
}

const inOrder = (field: Field, order: readonly number[]): Field => (field.kind === 'number'
  ? { ...field, values: Float64Array.from(order, (row) => field.values[row] ?? NaN) }
  : { ...field, values: order.map((row) => field.values[row]) })

const valuesOf = ({ values }: Field): readonly (number | string | undefined)[] => [...values]

interface Parts {
  readonly classes: readonly string[]
  readonly labels: readonly number[]
  readonly weights: readonly number[] | undefined
  readonly others: readonly Field[]
}

/** What is to be told, what it is told by, and what rows count. */
function partsOf(fields: readonly Field[], { target, without = [], weight }: Chosen): Parts {
  const named = (name: string, option: string): Field => {
    const field = fields.find((one) => one.name === name)
    if (field === undefined) throw new Failure('usage', `--${option}: no field "${name}"; there are ${fields.map((one) => one.name).join(', ')}`)
    return field
  }
  for (const name of without) named(name, 'without')
  const said = valuesOf(named(target, 'target')).map((value) => (value === undefined || Number.isNaN(value) ? undefined : String(value)))
  const classes = [...new Set(said.flatMap((value) => (value === undefined ? [] : [value])))].sort()
  if (classes.length < 2) throw new Failure('data', `field "${target}": expected two classes or more, got ${classes.length}`)
  if (classes.length > CLASSES_MAX) throw new Failure('data', `field "${target}": ${classes.length} different values are no classes (at most ${CLASSES_MAX})`)
  const place = new Map(classes.map((name, k) => [name, k]))
  const labels = said.map((value, row) => {
    if (value === undefined) throw new Failure('data', `field "${target}" is missing in row ${row + 1}`)
    return place.get(value) ?? 0
  })
  const weights = weight === undefined ? undefined : valuesOf(named(weight, 'weight')).map((value, row) => {
    if (typeof value === 'number' && value > 0 && value < Infinity) return value
    throw new Failure('data', `field "${weight}": expected a number above 0, got ${value ?? 'none'} in row ${row + 1}`)
  })
  return { classes, labels, weights, others: fields.filter(({ name }) => name !== target && name !== weight && !without.includes(name)) }
}

/** The words that were meant, without what is at its default. */
function wordsOf(options: Chosen & { readonly in: string; readonly output: string; readonly split: string }): Parameters<typeof madeBy>[1] {
  const { target, in: file, output, without, weight, split, rising, falling, heldBack, onnx, engine } = options
  const numbers = (['trees', 'leaves', 'rate', 'minRows', 'patience'] as const).flatMap((name) =>
    (options[name] === LEARNING[name] ? [] : [[name === 'minRows' ? 'min-rows' : name, options[name]] as const]))
  return {
    target, in: file, o: output, without, rising, falling, weight, split: split === 'order' ? undefined : split,
    engine: engine === 'own' ? undefined : engine, ...Object.fromEntries(numbers), 'held-back': heldBack, onnx,
  }
}

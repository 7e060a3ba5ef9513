import { setMember } from '#record/member'
import { BadRow, Failure, rows, type Row, type RowStage, type RowWorld } from '#tool'
import { Classifying, type Classifier } from '#domain/learn/classifier'
import { classifierIn } from '#domain/learn/classifier_shape'
import type { Cell, FieldCode } from '#domain/learn/coding'
import { givenRow, isServedClassifier, sharesIn, type ServedClassifier } from '#domain/learn/served'
import { readNamed } from '#port/folder'
import type { Session } from '#port/inference'
import { cellFor } from '#wire/fields'
import { readModel, stemOf } from '#wire/models'
import { beliefStage } from './classify/beliefs.ts'

/** Rows that go through the trees together, where so many are there. */
const TOGETHER = 256

export default rows({
  name: 'vanta-classify',
  summary: 'Each row back with the probability of each class, by a model of vanta-train.',
  about: [
    'Every field stays as it was, to the byte; "probability" is added (or replaced), a number for each class. A field that the model knows and the row',
    'has not, or has as null, "" or "?", is missing, as is a word that the model has not met. A number that is none makes the row a bad one.',
    'The model is read only if its bytes have the SHA-256 that its card states. An ONNX file that vanta-train import has taken is asked row by row, what is',
    'missing is NaN to it; a row of which it says no probabilities is a bad one. With --beliefs it takes a model of `vanta-train direction`, reads daily bars,',
    'hands all records on, and says a `belief` of a subject at the close of a session where its call has changed, and again once a horizon: worth what calls',
    'of that kind came to on rows that the model was not learned from. Of prices that it may have learned from, and without skill, nothing is said.',
  ].join(' '),
  options: {
    model: { kind: 'path', required: true, help: 'the model, such as models/adult: its .json beside its .card.json' },
    as: { kind: 'text', default: 'probability', help: 'the member that is added to each row' },
    beliefs: { kind: 'flag', help: 'read daily bars, hand all records on, and say beliefs of their subjects' },
  },
  examples: [
    'd=$(mktemp -d) && vanta-train classify --target species --in samples/iris.csv --split seed -o $d/iris > $d/judged '
      + '&& echo \'{"petal_length":5.1,"petal_width":1.9}\' | vanta-classify --model $d/iris',
  ],
  async open({ model: name, as, beliefs }, world) {
    if (!/^[\w.-]+$/.test(as)) throw new Failure('usage', `--as: expected letters, digits, "_", "-" and ".", got "${as}"`)
    const { model, card } = readModel(world.folder, name)
    if (isServedClassifier(model) && !beliefs) return new ServedStage(model, await opened(model, name, world), as)
    const read = classifierIn(model)
    if ('fault' in read) throw new Failure('config', `${name}: no model of vanta-train classify: ${read.fault}`)
    return beliefs ? beliefStage(name, read.model, card.sha256, world.by) : new Stage(read.model, as)
  },
})

function opened({ onnx_sha256: sha256 }: ServedClassifier, name: string, { folder, inference }: RowWorld): Promise<Session> {
  const path = `${stemOf(name)}.onnx`
  return inference.open({ name: path, bytes: readNamed(folder, path), sha256 })
}

class Stage implements RowStage {
  readonly #classes: readonly string[]
  readonly #classifying: Classifying
  readonly #as: string
  readonly #columns: readonly Float64Array[]
  readonly #lines: string[] = []

  constructor(model: Classifier, as: string) {
    this.#classes = model.classes.map((name) => JSON.stringify(name))
    this.#classifying = new Classifying(model)
    this.#as = as
    this.#columns = this.#classifying.coder.features.map(() => new Float64Array(TOGETHER))
  }

  each(row: Row, line: string, emit: (line: string) => void): void {
    this.#classifying.coder.put(this.#columns, this.#lines.length, (code) => cellIn(row, code))
    this.#lines.push(line)
    if (this.#lines.length === TOGETHER) this.flush(emit)
  }

  flush(emit: (line: string) => void): void {
    if (this.#lines.length === 0) return
    const said = this.#classifying.probabilities({ rows: this.#lines.length, features: this.#classifying.coder.features, columns: this.#columns })
    this.#lines.forEach((line, i) => emit(setMember(line, this.#as, saidOf(this.#classes, (k) => said[k]?.[i] ?? 0))))
    this.#lines.length = 0
  }
}

/** Somebody else's file, asked one row at a time: who knows whether it takes more. */
class ServedStage implements RowStage {
  readonly #model: ServedClassifier
  readonly #classes: readonly string[]
  readonly #session: Session
  readonly #as: string

  constructor(model: ServedClassifier, session: Session, as: string) {
    this.#model = model
    this.#classes = model.classes.map((name) => JSON.stringify(name))
    this.#session = session
    this.#as = as
  }

  async each(row: Row, line: string, emit: (line: string) => void): Promise<void> {
    const { fields, classes, input, output } = this.#model
    const values = fields.map((name) => {
      const cell = cellIn(row, { name, kind: 'number' })
      return typeof cell === 'number' ? cell : NaN
    })
    const { [output]: said } = await this.#session.run({ [input]: givenRow(this.#model, values) }, [output])
    const shares = sharesIn(said, classes.length)
    if (shares === undefined) throw new BadRow(`the model says ${said?.data.join(', ') ?? 'nothing'} of it: no probabilities${missingOf(fields, values)}`)
    emit(setMember(line, this.#as, saidOf(this.#classes, (k) => shares[k] ?? 0)))
  }
}

function missingOf(fields: readonly string[], values: readonly number[]): string {
  const missing = fields.filter((_, f) => Number.isNaN(values[f]))
  return missing.length === 0 ? '' : ` (missing: ${missing.join(', ')})`
}

/** `classes` are their names as JSON. */
const saidOf = (classes: readonly string[], share: (k: number) => number): string =>
  `{${classes.map((name, k) => `${name}:${Number(share(k).toPrecision(9))}`).join(',')}}`

function cellIn(row: Row, code: FieldCode): Cell {
  const is = cellFor(row, code)
  if ('fault' in is) throw new BadRow(is.fault)
  return is.cell
}

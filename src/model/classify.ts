import { setMember } from '#record/member'
import { BadRow, Failure, rows, type Row, type RowStage } from '#tool'
import { Classifying, type Classifier } from '#domain/learn/classifier'
import { classifierIn } from '#domain/learn/classifier_shape'
import type { Cell, FieldCode } from '#domain/learn/coding'
import { cellFor } from '#wire/fields'
import { readModel } from '#wire/models'

/** Rows that go through the trees together, where so many are there. */
const TOGETHER = 256

export default rows({
  name: 'vanta-classify',
  summary: 'Each row back with the probability of each class, by a model of vanta-train.',
  about: [
    'Every field stays as it was, to the byte; "probability" is added (or replaced), a number for each class. A field that the model knows and the row',
    'has not, or has as null, "" or "?", is missing, as is a word that the model has not met. A number that is none makes the row a bad one.',
    'The model is read only if its bytes have the SHA-256 that its card states.',
  ].join(' '),
  options: {
    model: { kind: 'path', required: true, help: 'the model, such as models/adult: its .json beside its .card.json' },
    as: { kind: 'text', default: 'probability', help: 'the member that is added to each row' },
  },
  examples: [
    'd=$(mktemp -d) && vanta-train classify --target species --in samples/iris.csv --split seed -o $d/iris > $d/judged '
      + '&& echo \'{"petal_length":5.1,"petal_width":1.9}\' | vanta-classify --model $d/iris',
  ],
  open({ model: name, as }, { folder }) {
    if (!/^[\w.-]+$/.test(as)) throw new Failure('usage', `--as: expected letters, digits, "_", "-" and ".", got "${as}"`)
    const read = classifierIn(readModel(folder, name).model)
    if ('fault' in read) throw new Failure('config', `${name}: no model of vanta-train classify: ${read.fault}`)
    return new Stage(read.model, as)
  },
})

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
    this.#lines.forEach((line, i) => {
      const shares = this.#classes.map((name, k) => `${name}:${Number((said[k]?.[i] ?? 0).toPrecision(9))}`)
      emit(setMember(line, this.#as, `{${shares.join(',')}}`))
    })
    this.#lines.length = 0
  }
}

function cellIn(row: Row, code: FieldCode): Cell {
  const is = cellFor(row, code)
  if ('fault' in is) throw new BadRow(is.fault)
  return is.cell
}

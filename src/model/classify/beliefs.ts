import { BadRow, Failure, type Row, type RowStage } from '#tool'
import { check, millisOf } from '#record'
import { PRICE_FEATURES, PRICES_VERSION } from '#domain/features/prices'
import { CLASSES, DirectionBeliefs } from '#domain/forecast/direction'
import { Classifying, type Classifier } from '#domain/learn/classifier'

/** Every record back, and beliefs of the subjects of daily bars at the close of each session, by a model of `vanta-train direction`. */
export function beliefStage(name: string, model: Classifier, sha256: string, by: string): RowStage {
  const { beliefs, classes, codes } = model
  if (beliefs === undefined) throw new Failure('usage', `--beliefs: ${name} is no model of vanta-train direction`)
  const told = codes.map((code) => code.name).join()
  if (beliefs.features !== PRICES_VERSION || told !== PRICE_FEATURES.join() || classes.join() !== CLASSES.join()) {
    const here = `${PRICES_VERSION} (${PRICE_FEATURES.join()})`
    throw new Failure('config', `${name}: made for features ${beliefs.features} (${told}), these are ${here}: train it again`)
  }
  const directions = new DirectionBeliefs({ by, model: { ...model, beliefs }, sha256 }, new Classifying(model))
  return {
    each(row: Row, line, emit) {
      const known = typeof row['known_at'] === 'string' ? millisOf(row['known_at']) : NaN
      if (!Number.isNaN(known)) for (const belief of directions.until(known)) emit(JSON.stringify(belief))
      emit(line)
      if (row['kind'] !== 'bar' || row['span'] !== '1d') return
      const checked = check(row)
      if ('fault' in checked) throw new BadRow(`field "${checked.fault.path}": ${checked.fault.message}`)
      if (checked.record.kind === 'bar') directions.bar(checked.record)
    },
    end(emit) {
      for (const belief of directions.close()) emit(JSON.stringify(belief))
    },
  }
}

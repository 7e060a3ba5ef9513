/** What learning a classifier shows of itself, on the way and in the card. */
import { Failure, type ActionWorld } from '#tool'
import type { Learned } from '#domain/learn/classifier'

/** Rounds are a hundredth of a second: people are told of some. */
const TELL_EVERY_MS = 200

type Told = (round: number, loss: number | undefined) => void

/** With its rounds on the terminal; what it cannot learn from is a Failure `data`. */
export async function shown<T>(world: ActionWorld, learn: (told: Told) => Promise<T>): Promise<T> {
  const watch = world.stopwatch()
  let last = -TELL_EVERY_MS
  try {
    return await learn((round, loss) => {
      if (watch.elapsedMs() - last < TELL_EVERY_MS) return
      last = watch.elapsedMs()
      world.progress(loss === undefined ? `all rows: round ${round}` : `round ${round}: loss ${loss.toFixed(5)} on later rows`)
    })
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('data', error.message, error)
    throw error
  } finally {
    world.progress('')
  }
}

type Judgement = Pick<Learned, 'judged' | 'learnedRows' | 'stoppingRows' | 'model'>

/** As the card says it. */
export function judgedOf({ judged, learnedRows, stoppingRows, model }: Judgement, heldBack: boolean): { readonly [name: string]: unknown } {
  const again = heldBack ? '' : '; then grown once more from all'
  const { rows, accuracy, auc, logLoss, logLossCalibrated, calibrationError } = judged
  return {
    split: `learned from ${learnedRows} rows, stopped by the next ${stoppingRows}, judged on the last ${rows}${again}`,
    rows, trees: model.forest.trees[0]?.length ?? 0, accuracy: six(accuracy), ...(auc !== undefined && { auc: six(auc) }),
    log_loss: six(logLoss), log_loss_calibrated: six(logLossCalibrated),
    ...(calibrationError !== undefined && { calibration_error_calibrated: six(calibrationError) }),
  }
}

const six = (value: number): number => Math.round(value * 1e6) / 1e6

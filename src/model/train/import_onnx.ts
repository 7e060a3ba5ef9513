/** ONNX files of anyone's, as what vanta-classify or vanta-forecast serves. Each is written only once it has been asked. */
import { sha256Of } from '#record/sha256'
import { Failure, type ActionWorld } from '#tool'
import { askingOf as forecastAsking, pathsOf, type Run, type ServedForecaster } from '#domain/forecast/served'
import { askingOf as classifyAsking, givenRow, sharesIn, type ServedClassifier, type Signature } from '#domain/learn/served'
import { stemOf, writeModel } from '#wire/models'

interface Taken {
  readonly file: string
  readonly bytes: Buffer
  readonly output: string
}

/** What asking the file showed it to be: the model as it is kept, and what is said of it. */
interface Shown {
  readonly model: Omit<ServedClassifier, 'onnx_sha256'> | Omit<ServedForecaster, 'onnx_sha256'>
  readonly what: string
  readonly words: string
  readonly features: readonly string[]
  readonly told: { readonly [name: string]: string | number }
}

export async function importClassifier(
  taken: Taken, { target, classes, fields }: { readonly target: string; readonly classes: readonly string[]; readonly fields: readonly string[] },
  world: ActionWorld,
): Promise<void> {
  if (fields.length === 0) throw new Failure('usage', '--features: which fields does the ONNX model take?')
  if (classes.length < 2) throw new Failure('usage', '--classes: which classes does the ONNX model tell apart?')
  for (const [option, list] of [['features', fields], ['classes', classes]] as const) {
    if (new Set(list).size < list.length) throw new Failure('usage', `--${option}: a name twice`)
  }
  await take(taken, world, async (signature, run) => {
    const asking = classifyAsking(signature, fields.length, classes.length)
    if ('fault' in asking) throw new RangeError(asking.fault)
    const { [asking.output]: said } = await run({ [asking.input]: givenRow(asking, fields.map(() => 0)) }, [asking.output])
    if (sharesIn(said, classes.length) === undefined) {
      const says = said?.data.join(', ') ?? 'nothing'
      throw new RangeError(`its output "${asking.output}" says ${says} of a row of zeros: no probabilities of ${classes.length} classes`)
    }
    return {
      model: { kind: 'classify_onnx', target, classes: [...classes], fields: [...fields], ...asking }, what: `${target} of a row: ${classes.join(', ')}`,
      words: 'import', features: fields.map((name) => `${name}: number`), told: { input: asking.input, output: asking.output },
    }
  })
}

export const importForecaster = (taken: Taken, world: ActionWorld): Promise<void> => take(taken, world, async (signature, run) => {
  const asking = forecastAsking(signature)
  if ('fault' in asking) throw new RangeError(asking.fault)
  const { context } = asking, horizon = await stepsOf(asking, run)
  return {
    model: { kind: 'forecast_onnx', ...asking, horizon }, what: `the next ${horizon} values of a series, by the ${context} before`,
    words: 'import --forecast', features: [`the last ${context} values, oldest first`], told: { context, horizon },
  }
})

/** `ask` throws RangeError where the file is not what it should be, which is a Failure `data` here. */
async function take({ file, bytes, output }: Taken, world: ActionWorld, ask: (signature: Signature, run: Run) => Promise<Shown>): Promise<void> {
  const onnxSha256 = sha256Of(bytes), session = await world.inference.open({ name: file, bytes, sha256: onnxSha256 })
  const { model, what, words, features, told } = await ask(session.signature, (inputs, outputs) => session.run(inputs, outputs)).catch((error: unknown) => {
    throw error instanceof RangeError ? new Failure('data', `${file}: ${error.message}`) : error
  }).finally(() => session.close())
  world.folder.write(`${stemOf(output)}.onnx`, bytes)
  const card = writeModel(world.folder, output, `${JSON.stringify({ ...model, onnx_sha256: onnxSha256 })}\n`, {
    what, made_by: `vanta-train ${words}, from an ONNX file`, learned_from: { file, sha256: onnxSha256, library: 'ONNX' }, features, onnx_sha256: onnxSha256,
  })
  world.print(JSON.stringify({ model: output, sha256: card.sha256, library: 'ONNX', ...told }))
}

/** By its answer about two series that rise and fall. */
async function stepsOf(asking: Parameters<typeof pathsOf>[1] & { readonly horizon: number | undefined }, run: Run): Promise<number> {
  const { context, horizon } = asking, values = Float64Array.from({ length: context + 1 }, (_, t) => 1 + (t % 3))
  const paths = await pathsOf(run, asking, values, [context, context + 1]), steps = paths[0]?.length ?? 0
  if (steps < 1 || (horizon ?? steps) !== steps) throw new RangeError(`of two series it says ${steps} steps, its signature ${horizon ?? 'any'}`)
  if (!paths.every((path) => path.every(Number.isFinite))) throw new RangeError('of two series of 1, 2 and 3 it says what is no number')
  return steps
}

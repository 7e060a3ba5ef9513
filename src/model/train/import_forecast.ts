import { Failure, type ActionWorld } from '#tool'
import { askingOf, pathsOf, type ServedForecaster } from '#domain/forecast/served'
import { sha256Of, stemOf, writeModel } from '#wire/models'

/** An ONNX file of anyone's that says what comes next, as one that vanta-forecast serves. Written only once it has been asked. */
export async function importForecaster(
  { file, bytes, output }: { readonly file: string; readonly bytes: Buffer; readonly output: string }, world: ActionWorld,
): Promise<void> {
  const onnxSha256 = sha256Of(bytes)
  const session = await world.inference.open({ name: file, bytes, sha256: onnxSha256 })
  const asking = askingOf(session.signature)
  if ('fault' in asking) throw new Failure('data', `${file}: ${asking.fault}`)
  const horizon = await stepsOf(file, asking, (inputs, outputs) => session.run(inputs, outputs))
  await session.close()
  const model: ServedForecaster = { kind: 'forecast_onnx', ...asking, horizon, onnx_sha256: onnxSha256 }
  world.folder.write(`${stemOf(output)}.onnx`, bytes)
  const card = writeModel(world.folder, output, `${JSON.stringify(model)}\n`, {
    what: `the next ${horizon} values of a series, by the ${asking.context} before`,
    made_by: 'vanta-train import --forecast, from an ONNX file',
    learned_from: { file, sha256: onnxSha256, library: 'ONNX' },
    features: [`the last ${asking.context} values, oldest first`],
    onnx_sha256: onnxSha256,
  })
  world.print(JSON.stringify({ model: output, sha256: card.sha256, library: 'ONNX', context: asking.context, horizon }))
}

/** By its answer about two series that rise and fall. */
async function stepsOf(file: string, asking: Exclude<ReturnType<typeof askingOf>, { fault: string }>, run: Parameters<typeof pathsOf>[0]): Promise<number> {
  const { context, horizon } = asking, values = Float64Array.from({ length: context + 1 }, (_, t) => 1 + (t % 3))
  try {
    const paths = await pathsOf(run, asking, values, [context, context + 1]), steps = paths[0]?.length ?? 0
    if (steps < 1 || (horizon ?? steps) !== steps) throw new RangeError(`of two series it says ${steps} steps, its signature ${horizon ?? 'any'}`)
    if (!paths.every((path) => path.every(Number.isFinite))) throw new RangeError('of two series of 1, 2 and 3 it says what is no number')
    return steps
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('data', `${file}: ${error.message}`)
    throw error
  }
}

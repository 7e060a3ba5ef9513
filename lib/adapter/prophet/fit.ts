/**
 * Fits by augurs (the model of facebook/prophet) with its Stan program. An augurs object cannot be written down, but its optimiser is ours to give: what it
 * finds is read there, and what was found earlier is answered there.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Failure } from '#port/failure'
import type { ProphetFit, ProphetParameters } from '#port/prophet'

type Model = typeof import('@bsull/augurs/prophet')
type Stan = typeof import('@bsull/augurs-prophet-wasmstan')
type Found = ReturnType<Stan['optimizer']['optimize']>

let loaded: Promise<{ readonly model: Model; readonly stan: Stan }> | undefined

async function load(): Promise<{ readonly model: Model; readonly stan: Stan }> {
  try {
    const model = await import('@bsull/augurs/prophet'), stan = await import('@bsull/augurs-prophet-wasmstan')
    // By itself it would fetch the file by its URL, which Node does not do for files.
    const folder = dirname(createRequire(import.meta.url).resolve('@bsull/augurs/prophet'))
    await model.default({ module_or_path: readFileSync(join(folder, 'prophet_bg.wasm')) })
    return { model, stan }
  } catch (error) {
    throw new Failure('config', `Prophet does not load: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

export async function fit(timesMs: Float64Array, values: Float64Array, kept?: ProphetParameters): Promise<ProphetFit | undefined> {
  // Stan finds no scale in what does not vary.
  if (values.every((value) => value === values[0])) return undefined
  const { model, stan } = await (loaded ??= load())
  let found: Found | undefined
  const optimizer = {
    optimize: (...asked: Parameters<Stan['optimizer']['optimize']>): Found => (found = kept === undefined ? stan.optimizer.optimize(...asked) : given(kept)),
  }
  const prophet = new model.Prophet({ optimizer, uncertaintySamples: 0 })
  try {
    prophet.fit({ ds: Array.from(timesMs, (ms) => Math.round(ms / 1000)), y: values })
  } catch {
    // It says no in many words (too few rows, no variation): all of them are that it cannot be fitted.
    return undefined
  }
  if (found === undefined) return undefined
  const { k, m, sigmaObs, delta, beta, trend } = found.params
  return {
    parameters: { k, m, sigmaObs, delta: [...delta], beta: [...beta], trend: [...trend] },
    at: (at) => Float64Array.from(prophet.predict({ ds: Array.from(at, (ms) => Math.round(ms / 1000)) }).yhat.point),
  }
}

const given = ({ delta, beta, trend, ...rest }: ProphetParameters): Found => ({
  logs: { debug: '', info: '', warn: '', error: '', fatal: '' },
  params: { ...rest, delta: Float64Array.from(delta), beta: Float64Array.from(beta), trend: Float64Array.from(trend) },
})

/**
 * What the thread that runs XGBoost's module does, as the text it is started from: it has no other way into one bundle. The module is the inner one of
 * ml-xgboost, because its own interface lays the rows on a stack of 5 MB; here they lie on the heap. After so many rounds it says the model, and goes on
 * when it is told to. What it prints and how it listens for errors stay in its thread.
 */
export const WORKER = `
const { parentPort, workerData } = require('node:worker_threads')
WebAssembly.instantiateStreaming = undefined
require(workerData.path).isReady.then((module) => {
  const { rows, columns, values, labels, terms, rounds } = workerData
  const place = (floats) => {
    const at = module._malloc(floats.byteLength)
    if (at === 0) throw new Error('no memory for ' + floats.byteLength + ' bytes')
    module.HEAPF32.set(floats, at >> 2)
    return at
  }
  const model = module.cwrap('create_model', 'number', ['number', 'number', 'number', 'number'])(place(values), place(labels), rows, columns)
  const set = module.cwrap('set_param', null, ['number', 'string', 'string'])
  for (const [name, value] of Object.entries(terms)) set(model, name, value)
  const train = module.cwrap('train_full_model', null, ['number', 'number'])
  const save = module.cwrap('save_model', 'number', ['number']), content = module.cwrap('get_file_content', null, ['number', 'number'])
  const round = () => {
    train(model, rounds)
    const size = save(model)
    if (size < 0) throw new Error('the model cannot be saved')
    const at = module._malloc(size)
    content(at, size)
    const bytes = module.HEAPU8.slice(at, at + size)
    module._free(at)
    parentPort.postMessage(bytes)
  }
  parentPort.on('message', round)
  round()
})
`

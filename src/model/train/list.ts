import { command, Failure, type ActionWorld } from '#tool'
import { fitting } from '#domain/report/columns'
import { CARD, checkModel, modelFolders, readCard } from '#wire/models'

export default command({
  name: 'vanta-train list',
  summary: 'Models by their cards: what they say, from how many rows, how they were judged, and whether the bytes are those of the card.',
  about: 'Those of the home come first (`vanta-train all` writes them there), then those that come with Vanta.',
  options: {
    models: { kind: 'path', help: 'the one folder to list (default: models of the home, and those that come with Vanta)' },
    table: { kind: 'flag', help: 'a table for people' },
  },
  examples: ['vanta-train list --table'],
  act({ models, table }, _, world) {
    const folders = models === undefined ? modelFolders(world) : [models]
    const listed = folders.flatMap((folder) => world.folder.list(folder).filter((name) => name.endsWith(CARD)).map((name) =>
      listedOf(folder, name.slice(0, -CARD.length), world)))
    if (table) for (const line of fitting([HEAD, ...listed.map(cells)], new Set([1]), world.columns, [7, 5, 2, 1])) world.print(line)
    else for (const one of listed) world.print(JSON.stringify(one))
    return listed.every(({ fault }) => fault === null) ? 'done' : 'negative'
  },
})

interface Listed {
  readonly model: string
  readonly folder: string
  readonly what: string
  readonly learned_from: { readonly [name: string]: unknown }
  readonly judged: unknown
  readonly sha256: string
  /** Why it would not be loaded. */
  readonly fault: string | null
}

function listedOf(folder: string, model: string, world: ActionWorld): Listed {
  const path = `${folder}/${model}`
  try {
    const { what, learned_from = {}, judged = null, sha256 } = readCard(world.folder, path)
    return { model, folder, what, learned_from, judged, sha256, fault: checkModel(world.folder, path) ?? null }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { model, folder, what: '', learned_from: {}, judged: null, sha256: '', fault: error.message }
  }
}

const HEAD = ['MODEL', 'ROWS', 'SPAN', 'JUDGED', 'STATE', 'SHA-256', 'WHAT', 'FOLDER']
const SCORES = ['auc', 'accuracy', 'f1', 'brier', 'log_loss', 'loss']

function cells({ model, folder, what, learned_from, judged, sha256, fault }: Listed): string[] {
  const known: ReadonlyMap<string, unknown> = new Map(typeof judged === 'object' && judged !== null ? Object.entries(judged) : [])
  const scores = SCORES.flatMap((name) => {
    const score = known.get(name)
    return typeof score === 'number' ? [`${name} ${score.toFixed(4)}`] : []
  }).slice(0, 2)
  const day = (name: string): string => String(learned_from[name] ?? '').slice(0, 10), span = [day('since'), day('until')]
  return [
    model, String(learned_from['rows'] ?? '-'), span.some((one) => one !== '') ? span.join('..') : '-', scores.join(', ') || '-',
    fault === null ? 'sound' : 'NOT LOADED', sha256.slice(0, 12), fault ?? what, folder,
  ]
}

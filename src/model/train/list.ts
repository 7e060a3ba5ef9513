import { command, Failure, type ActionWorld } from '#tool'
import { columns } from '#domain/report/columns'
import { CARD, checkModel, readCard } from '#wire/models'

export default command({
  name: 'vanta-train list',
  summary: 'Models by their cards: what they say, from how many rows, how they were judged, and whether the bytes are those of the card.',
  options: {
    models: { kind: 'path', help: 'the folder they stand in (default: the models that come with Vanta)' },
    table: { kind: 'flag', help: 'a table for people' },
  },
  examples: ['vanta-train list --table'],
  act({ models, table }, _, world) {
    const folder = models ?? `${world.root}/models`
    const names = world.folder.list(folder).filter((name) => name.endsWith(CARD)).map((name) => name.slice(0, -CARD.length))
    const listed = names.map((name) => listedOf(folder, name, world))
    if (table) for (const line of columns([HEAD, ...listed.map(cells)], new Set([1]))) world.print(line)
    else for (const one of listed) world.print(JSON.stringify(one))
    return listed.every(({ fault }) => fault === null) ? 'done' : 'negative'
  },
})

interface Listed {
  readonly model: string
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
    return { model, what, learned_from, judged, sha256, fault: checkModel(world.folder, path) ?? null }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { model, what: '', learned_from: {}, judged: null, sha256: '', fault: error.message }
  }
}

const HEAD = ['MODEL', 'ROWS', 'JUDGED', 'SHA-256', 'STATE', 'WHAT']
const SCORES = ['auc', 'accuracy', 'f1', 'brier', 'log_loss', 'loss']

function cells({ model, what, learned_from, judged, sha256, fault }: Listed): string[] {
  const known: ReadonlyMap<string, unknown> = new Map(typeof judged === 'object' && judged !== null ? Object.entries(judged) : [])
  const scores = SCORES.flatMap((name) => {
    const score = known.get(name)
    return typeof score === 'number' ? [`${name} ${score.toFixed(4)}`] : []
  }).slice(0, 2)
  return [model, String(learned_from['rows'] ?? '-'), scores.join(', ') || '-', sha256.slice(0, 12), fault === null ? 'sound' : 'NOT LOADED', fault ?? what]
}

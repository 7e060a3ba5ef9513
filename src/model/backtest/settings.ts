/** What a back-test was asked for: the steps of its pipeline with the options given to them, the settings of its vault, and all of it as words. */
import { formatDuration } from '#record'
import { Failure, type ActionWorld } from '#tool'
import { flagOf } from '#tool/options'
import { parsePipeline, type Step } from '#tool/pipeline'
import { COST_OVERRIDES, type CostName } from '#domain/execute/costs'

export const EXECUTOR = 'vanta-exec'
const VAULT = 'vault'

export type Wish = { readonly [K in CostName]: string | number | undefined } & {
  readonly source: readonly string[]
  readonly cash: string
  readonly method: string
  readonly delistingLoss: string
  readonly pipeline?: string | undefined
  readonly set?: readonly string[] | undefined
}

interface Given {
  /** A tool of the pipeline, or `vault`. */
  readonly to: string
  readonly name: string
  readonly value: string
}

/** Throws Failure `usage` on what is no `TOOL.option=value`. */
function givenIn(set: readonly string[]): readonly Given[] {
  return set.map((text) => {
    const found = /^([a-z][a-z-]*)\.([A-Za-z][\w.-]*)=(.*)$/s.exec(text)
    if (found === null) throw new Failure('usage', `--set: expected TOOL.option=value or vault.PATH=value, got "${text}"`)
    const [, to = '', name = '', value = ''] = found
    return { to, name, value }
  })
}

function pipelineOf({ pipeline }: Wish, world: ActionWorld): readonly Step[] {
  const path = pipeline ?? `${world.root}/pipelines/season.pipe`
  const text = world.folder.read(path)
  if (text === undefined) throw new Failure('usage', `no such file: ${path}`)
  return parsePipeline(text.toString('utf8'), path)
}

/** The steps of the pipeline file, each tool told of what was asked for here. Throws Failure `usage` on a tool that is none of them. */
export function stepsOf(wish: Wish, world: ActionWorld): readonly Step[] {
  const given = givenIn(wish.set ?? []), steps = pipelineOf(wish, world)
  for (const { to } of given) {
    if (to !== VAULT && !steps.some(({ tool }) => tool === to)) throw new Failure('usage', `--set: no ${to} in the pipeline`)
  }
  const costs = costWords(wish).flatMap(([name, value]) => [`--${flagOf(name)}`, value])
  return steps.map((step) => {
    const own = given.filter(({ to }) => to === step.tool).flatMap(({ name, value }) => [`--${name}`, value])
    return { ...step, words: [...step.words, ...(step.tool === EXECUTOR ? costs : []), ...own] }
  })
}

/** `PATH=VALUE` of the vault's settings. */
export const vaultWords = (set: readonly string[]): readonly string[] =>
  givenIn(set).filter(({ to }) => to === VAULT).map(({ name, value }) => `${name}=${value}`)

function costWords(wish: Wish): readonly (readonly [CostName, string])[] {
  return (Object.keys(COST_OVERRIDES) as CostName[]).flatMap((name) => {
    const value = wish[name]
    return value === undefined ? [] : [[name, typeof value === 'number' ? formatDuration(value) : value] as const]
  })
}

/** All that decisions and money depend on beside the data, as it would be typed: what tells one trial from another. */
export function settingsOf(wish: Wish, world: ActionWorld): { readonly [name: string]: string } {
  const set = givenIn(wish.set ?? []).map(({ to, name, value }) => [`${to}.${name}`, value] as const)
  return Object.fromEntries([
    ['source', wish.source.join(',')], ['cash', wish.cash], ['method', wish.method], ['delisting-loss', wish.delistingLoss],
    ...costWords(wish).map(([name, value]) => [flagOf(name), value] as const),
    ['pipeline', pipelineOf(wish, world).map(({ tool, words }) => [tool, ...words].join(' ')).join(' | ')],
    ...set.sort(([a], [b]) => (a < b ? -1 : 1)),
  ])
}

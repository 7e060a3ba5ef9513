/** Where features are served from. */
import { readTail } from '#domain/features/tail'
import type { Timeline } from '#domain/features/timeline'
import type { Online } from '#port/online'
import { Failure, type ActionWorld, type Options } from '#tool'
import { nodeSettings } from '#tool/node_home'
import { objectsOf, type StoreValues } from './common.ts'

const ADDRESS = 'redis://HOST:PORT, rediss://, or "embedded": a file of the store (default: where the streams of the node are in Redis, there)'
const variable = 'VANTA_FEATURES_ONLINE'

export const TO = { to: { kind: 'text', help: `where features are served from: ${ADDRESS}`, variable } } as const satisfies Options
export const FROM = { from: { kind: 'text', help: `ask what is served: ${ADDRESS}`, variable } } as const satisfies Options

/** As the table of jobs has it, so that who asks by hand asks where a job serves. */
const usual = (world: ActionWorld): string => (nodeSettings(world)?.bus === 'redis' ? 'redis:features' : 'embedded')

export const onlineOf = (address: string | undefined, values: StoreValues, world: ActionWorld): Promise<Online> =>
  world.online(address ?? usual(world), objectsOf(values, world))

/** What is served of an entity; undefined where nothing is. Throws Failure `data` where that cannot be read. */
export async function servedOf(online: Online, entity: string): Promise<ReadonlyMap<string, Timeline> | undefined> {
  const line = await online.read(entity)
  try {
    return line === undefined ? undefined : readTail(line).timelines
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `${online.place}: ${entity}: ${error.message}`, error) : error
  }
}

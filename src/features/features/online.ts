/** Where features are served from. */
import type { Online } from '#port/online'
import type { ActionWorld, Options } from '#tool'
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

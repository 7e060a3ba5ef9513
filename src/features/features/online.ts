/** Where features are served from. */
import type { Online } from '#port/online'
import type { ActionWorld, Options } from '#tool'
import type { StoreValues } from './common.ts'

const ADDRESS = 'redis://HOST:PORT, rediss://, or "embedded": a file of the store'
const variable = 'VANTA_FEATURES_ONLINE'

export const TO = { to: { kind: 'text', default: 'embedded', help: `where features are served from: ${ADDRESS}`, variable } } as const satisfies Options
export const FROM = { from: { kind: 'text', help: `ask what is served: ${ADDRESS}`, variable } } as const satisfies Options

export const onlineOf = (address: string, { store }: StoreValues, world: ActionWorld): Promise<Online> =>
  world.online(address, world.objects(store))

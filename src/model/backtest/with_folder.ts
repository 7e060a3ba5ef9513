/** The same world with another folder in it, for a tool and all that it calls. */
import type { CollectorWorld } from '#tool'

export function withFolder(world: CollectorWorld, folder: CollectorWorld['folder']): CollectorWorld {
  return { ...world, folder, as: (tool: string) => withFolder(world.as(tool), folder) }
}

/** What is missing from a folder is not said again and again. */
export function quiet(world: CollectorWorld): CollectorWorld {
  return { ...world, log: { ...world.log, debug: ignore, info: ignore, warn: ignore }, as: (tool: string) => quiet(world.as(tool)) }
}

const ignore = (): void => undefined

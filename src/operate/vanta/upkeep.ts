/** What those need who move, pack or copy the files of a home. */
import { readFully, type Bytes } from '#domain/audit/lines'
import { isRotated, ROTATED } from '#domain/operate/rotation'
import { Failure, type ActionWorld } from '#tool'

/** The lock that is held meanwhile: one at a time. */
export const UPKEEP = 'upkeep'

const CHUNK_BYTES = 1 << 20

/** So many first bytes, a piece at a time. Throws Failure `data` where there are fewer. */
export function* chunksOf(name: string, bytes: Bytes, size: number): Generator<Buffer, void, undefined> {
  for (let at = 0; at < size;) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - at)), got = readFully(bytes, at, chunk)
    if (got < chunk.length) throw new Failure('data', `${name}: it is shorter than it was`)
    yield chunk
    at += got
  }
}

/** Logs that are put away, and what was: their files within logs/. */
export function rotatable(world: Pick<ActionWorld, 'home' | 'machine'>): { readonly logs: readonly string[]; readonly away: readonly string[] } {
  const top = world.machine.entries(`${world.home}/logs`).filter(({ kind }) => kind === 'file').map(({ name }) => name)
  const rejects = filesBelow('logs/rejects', world).map((name) => `rejects/${name}`)
  return { logs: [...top, ...rejects].filter(isRotated), away: filesBelow(`logs/${ROTATED}`, world).map((name) => `${ROTATED}/${name}`) }
}

/** Files below a folder of the home, by their path in it; nothing that is hidden, such as locks. */
export function filesBelow(folder: string, { home, machine }: Pick<ActionWorld, 'home' | 'machine'>, within = ''): readonly string[] {
  return machine.entries(`${home}/${folder}/${within}`).flatMap(({ name, kind }) => {
    const path = within === '' ? name : `${within}/${name}`
    if (name.startsWith('.')) return []
    return kind === 'folder' ? filesBelow(folder, { home, machine }, path) : kind === 'file' ? [path] : []
  })
}

/** What every server of streams must hold nodes to: the table, and nothing else. */
import assert from 'node:assert/strict'
import { ROLES, STREAMS, allows, type Role } from '#domain/node/role'

type Refused = (act: () => Promise<unknown>) => Promise<string | undefined>

/** Tells why something was refused, undefined where it was let be done; what fails for another reason than the server's no is no answer. */
export const refusedWith = (no: RegExp): Refused => async (act) => {
  try {
    await act()
    return undefined
  } catch (error) {
    const text = String(error)
    assert.match(text, no)
    return text
  }
}

/** Every node reads and writes the streams of its role, and no others. */
export async function holdsNodesToTheTable(used: (role: Role, stream: string, way: 'read' | 'write') => Promise<void>, refused: Refused): Promise<void> {
  // Writers first: what is read must be there.
  for (const way of ['write', 'read'] as const) {
    for (const role of ROLES) {
      for (const stream of STREAMS) {
        const why = await refused(() => used(role, stream, way)), isAllowed = allows(role, `${way}:${stream}`)
        assert.equal(why === undefined, isAllowed, `${role} ${way} ${stream}: ${why ?? 'was let'}`)
      }
      assert.ok(await refused(() => used(role, 'others', way)) !== undefined)
    }
  }
}

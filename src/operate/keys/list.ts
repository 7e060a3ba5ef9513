import { millisOf } from '#record'
import { standingIn } from '#domain/certificate/register'
import { fitting } from '#domain/report/columns'
import { command, type ActionWorld } from '#tool'
import { AUTHORITY_OPTION, authorityFolder, registerIn } from '#tool/authority'

interface Listed {
  readonly sort: 'authority' | 'certificate' | 'node' | 'vault'
  readonly name: string
  readonly id: string
  readonly standing: string
  readonly since: string
  readonly until: string | null
  readonly about: string
}

export default command({
  name: 'vanta-keys list',
  summary: 'Every key there is: the authority and its certificates, those that sign the audit log, and those of vaults.',
  options: { authority: AUTHORITY_OPTION, json: { kind: 'flag', help: 'one JSON object a line' } },
  examples: ['vanta-keys init >/dev/null && vanta-keys issue markets >/dev/null && vanta-keys list'],
  act({ authority, json }, _operands, world) {
    const listed = [...certified(authorityFolder(authority, world), world), ...signing('node', world), ...signing('vault', world)]
    if (json) for (const one of listed) world.print(JSON.stringify(one))
    else for (const line of fitting([HEADER, ...listed.map(rowOf)], NONE, world.columns, SPARE)) world.print(line)
    return listed.length === 0 ? 'negative' : 'done'
  },
})

const HEADER = ['key', 'name', 'standing', 'until', 'id', 'about', 'since'], SPARE = [6, 5, 4], NONE: ReadonlySet<number> = new Set()

const rowOf = ({ sort, name, id, standing, since, until, about }: Listed): readonly string[] => [sort, name, standing, until ?? '-', id, about, since]

function certified(folder: string, world: ActionWorld): readonly Listed[] {
  const register = registerIn(folder, world), nowMs = world.clock.now()
  if (register === undefined) return []
  const own = register.authorities.map(({ serial, not_before: since, not_after: until, signs_from: from }): Listed => ({
    sort: 'authority', name: register.name, id: serial, since, until, about: `signs from ${from}`,
    standing: nowMs >= millisOf(until) ? 'expired' : nowMs < millisOf(from) ? 'next' : 'valid',
  }))
  return [...own, ...register.issued.map((one): Listed => ({
    sort: 'certificate', name: one.name, id: one.serial, standing: standingIn(register, one, nowMs), since: one.not_before, until: one.not_after,
    about: `${one.use}${one.alt_names.map((name) => ` ${name}`).join('')}`,
  }))]
}

/** Those without an end: the latest of an owner signs, what earlier ones signed counts. */
function signing(sort: 'node' | 'vault', { keys, nodeKeys }: ActionWorld): readonly Listed[] {
  const held = sort === 'node' ? nodeKeys : keys, all = [...held.publicKeys().values()]
  return all.map(({ owner, id, since }): Listed => {
    const isLatest = all.findLast((one) => one.owner === owner)?.id === id
    return { sort, name: owner, id, standing: !isLatest ? 'before' : held.has(owner) ? 'signs' : 'elsewhere', since, until: null, about: 'Ed25519' }
  })
}

/** Settings on their way to the node that trades: said by the one that signs them, taken over where a pinned key has signed them. */
import { check, lineOf, type Vanta } from '#record'
import type { Seal } from '#domain/vault/seal'
import { taken, versionIn, versionsIn } from '#domain/vault/carried'
import { VAULT_FILE, VAULT_LOG } from '#domain/vault/vault'
import { action, alone, Failure, type ActionWorld } from '#tool'

/** The signed versions that the log of the home tells of. */
function* toldIn({ journal }: ActionWorld): Generator<{ readonly record: Vanta; readonly owner: string; readonly seal: Seal }> {
  for (const line of journal(VAULT_LOG).lines()) {
    const checked = check(JSON.parse(line)), record = 'fault' in checked ? undefined : checked.record
    const version = record?.kind === 'vault' || record?.kind === 'control' ? versionIn(record) : undefined
    if (record !== undefined && version !== undefined) yield { record, owner: version.owner, seal: version.seal }
  }
}

export const publish = action({
  name: 'vanta-vault publish',
  summary: 'Say the signed settings of all vaults that are in force, for the node that trades: vanta-vault accept takes them over there.',
  about: 'Each is the record of logs/vaults.ndjson, told again as it stands: who has it already does nothing. Settings that nobody has signed are none.',
  options: {},
  reads: [],
  readsNothing: () => true,
  examples: ['vanta-vault init core >/dev/null && vanta-vault publish | jq -c .seal.version'],
  open: (_, world) => ({
    each: (record, emit) => emit(record),
    end(emit) {
      const told = [...toldIn(world)]
      for (const { owner, seal } of versionsIn(world.store.read(VAULT_FILE)?.memory)) {
        const found = told.find((one) => one.owner === owner && one.seal.signed === seal.signed)
        if (found !== undefined) emit(found.record)
        else world.log.warn(`${owner}: logs/${VAULT_LOG} does not tell of version ${seal.version} of its settings: vanta-vault sign ${owner}`)
      }
    },
  }),
})

export const accept = action({
  name: 'vanta-vault accept',
  summary: 'Take settings over that vanta-vault publish has said elsewhere: those that a key pinned here has signed, and no older ones.',
  about: [
    'They count from the next moment of decision. A version that no pinned key of its vault has signed, or that was changed on its way, is left out, said',
    'on stderr, and ends the run with 77 once all others are taken; from a stream it is not heard again, until vanta-vault publish has said it again.',
    'Keys are pinned by whoever owns both nodes, never by what comes over the wire:',
    'ssh ALPHA cat /opt/vanta/memory/vault_keys.json | vanta-vault pin -',
  ].join(' '),
  options: {},
  reads: ['vault', 'control'],
  examples: [
    'export A=$(mktemp -d) && vanta-vault init core --home $A >/dev/null && vanta-vault pin $A/memory/vault_keys.json && ' +
      'vanta-vault publish --home $A | vanta-vault accept >/dev/null && vanta-vault show core | jq .seal.version',
    {
      run: 'export A=$(mktemp -d) && vanta-vault init core --home $A >/dev/null && vanta-vault publish --home $A | vanta-vault accept',
      note: 'no key is pinned', status: 77,
    },
  ],
  open(_, world) {
    let refused = 0
    const refuse = (why: string): void => {
      world.log.warn(why)
      refused++
    }
    return {
      each(record, emit) {
        const version = versionIn(record)
        if (version === undefined) {
          if (record.kind === 'vault') refuse(`vault "${record.vault}": its settings are not signed`)
          return
        }
        alone(world, VAULT_LOG, () => {
          const { store, keys, journal } = world, stored = store.read(VAULT_FILE), known = keys.publicKeys()
          const before = [...toldIn(world)].filter(({ owner }) => owner === version.owner).map(({ seal }) => seal)
          const found = taken(stored?.memory, version, before, (id) => known.get(id))
          if (found.take === 'refused') refuse(found.why)
          if (found.take !== 'new') return
          if (!before.some(({ signed }) => signed === version.seal.signed)) {
            journal(VAULT_LOG).append(lineOf(record))
            journal(VAULT_LOG).sync()
          }
          store.write(VAULT_FILE, found.memory, stored?.version ?? 0)
          emit(record)
        })
      },
      verdict: () => (refused === 0 ? undefined
        : new Failure('refused', `${refused} of the versions that came are not signed by a key pinned here (vanta-vault pin)`)),
    }
  },
})

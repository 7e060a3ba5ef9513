/** What the executor is told of its vaults and of the switch, read from the home again and again; what is not signed does not count. */
import type { Allocation } from '#record'
import { Failure, type ActionWorld } from '#tool'
import type { Halt } from '#domain/execute/dispatch'
import type { Settings } from '#domain/execute/executor'
import { haltedBy, OVERLAY_FILE } from '#domain/vault/overlay'
import { bookCapsIn, sealFault } from '#domain/vault/seal'
import { SignatureCheck, type SignatureFault } from '#domain/vault/signature'
import { readVault, VAULT_FILE, vaultEntries, type Vault } from '#domain/vault/vault'

/** Why nothing may be sent, or undefined where it may. */
export function halted(world: ActionWorld): Halt | undefined {
  try {
    return haltedBy(world.store.read(OVERLAY_FILE)?.memory)
  } catch {
    // What cannot be read cannot permit anything.
    return haltedBy(undefined)
  }
}

/** Public keys; this node holds no other. They are read again for one that is not known: it may have been made since. */
export function signatures({ keys }: ActionWorld): (allocation: Allocation) => SignatureFault | undefined {
  let known = keys.publicKeys()
  const check = new SignatureCheck((id) => known.get(id) ?? (known = keys.publicKeys()).get(id))
  return (allocation) => check.fault(allocation)
}

/** What the vaults have signed, and the caps over all of them; with real money only vaults that are meant for it. */
export function settingsIn({ store, keys: { publicKeys } }: ActionWorld, live: boolean): Settings {
  const known = new Map<string, Vault>()
  let memory = store.read(VAULT_FILE), keys = publicKeys()
  const wrong = (fault: string): Failure => new Failure('config', `memory/${VAULT_FILE}: ${fault}`)
  return {
    renew() {
      const now = store.read(VAULT_FILE)
      if (now?.version === memory?.version) return
      known.clear()
      memory = now
      // They may be signed with a key that was made since.
      keys = publicKeys()
    },
    get bookCaps() {
      const caps = bookCapsIn(memory?.memory, keys)
      if (typeof caps === 'string') throw wrong(caps)
      return caps
    },
    vaultOf(name) {
      const read = known.get(name)
      if (read !== undefined) return read
      const vault = readVault(memory?.memory, name)
      if (vault === undefined) throw new Failure('config', `no vault '${name}': run vanta-vault init ${name}`)
      if (typeof vault === 'string') throw wrong(vault)
      const entry = vaultEntries(memory?.memory).find(([key]) => key === name)?.[1]
      const fault = sealFault(name, entry, (id) => keys.get(id))
      if (fault !== undefined) throw wrong(fault)
      if (live && vault.mode !== 'live') {
        throw new Failure('refused', `--live: vault "${name}" is in mode ${vault.mode} (vanta-vault set ${name} mode=live)`)
      }
      known.set(name, vault)
      return vault
    },
  }
}

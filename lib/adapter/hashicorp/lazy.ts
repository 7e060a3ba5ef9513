/** A HashiCorp Vault, loaded and entered when it is first asked; by what secrets/vault says: role_id and secret_id, and what else it needs. */
import { readFileSync } from 'node:fs'
import { VAULT_LOGIN, type SecretsPlace } from '#domain/secrets/place'
import { Failure } from '#port/failure'
import type { KeptSecrets, Secrets } from '#port/secrets'
import { codeOf } from '../file/disk.ts'
import type { Around } from './secrets.ts'

/** Throws Failure `config` at the first question where the login is missing or lacks something. */
export function lazyVault(place: Extract<SecretsPlace, { kind: 'vault' }>, login: () => Promise<KeptSecrets | undefined>, around: Around): Secrets {
  let opened: Promise<Secrets> | undefined
  async function open(): Promise<Secrets> {
    const { vaultSecrets } = await import('./secrets.ts'), found = await login()
    if (found === undefined) throw new Failure('config', `secrets/${VAULT_LOGIN} is missing: a file of mode 0600 with role_id and secret_id`)
    around.hide(found.secrets)
    const { role_id: roleId = '', secret_id: secretId = '', approle = 'approle', namespace, vault_ca: ca } = found.secrets
    if (roleId === '' || secretId === '') throw new Failure('config', `${found.place}: lacks role_id or secret_id`)
    if (!/^[\w/.-]+$/.test(approle)) throw new Failure('config', `${found.place}: approle: expected where the method is mounted`)
    return vaultSecrets({ ...place, roleId, secretId, approle, namespace, ca: ca === undefined ? undefined : textAt(ca) }, around)
  }
  return {
    read: async (name) => (await (opened ??= open())).read(name),
    close: async () => opened?.then(({ close }) => close?.(), () => undefined),
  }
}

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Failure('config', `secrets/${VAULT_LOGIN}: vault_ca: cannot read ${path}: ${codeOf(error)}`, error)
  }
}

/**
 * Key pairs (Ed25519, RFC 8032) of vaults, which sign allocations, and of the node, which signs its log. Private keys never leave the
 * adapter; public ones stand in the memory of the home.
 */

export type KeyRole = 'vault' | 'node'

export interface PublicKey {
  /** First 16 hex digits of SHA-256 of the raw key. */
  readonly id: string
  /** The vault, or the node. */
  readonly owner: string
  /** 32 bytes in base64. */
  readonly key: string
  readonly since: string
}

export interface Signature {
  /** Id of the key. */
  readonly key: string
  /** 64 bytes in base64. */
  readonly signed: string
}

export interface Keys {
  /** A new pair; from now on it signs, and older signatures stay valid. Throws Failure `output` where it cannot be kept. */
  create(owner: string, at: string): PublicKey
  /** Whether the private key is here. */
  has(owner: string): boolean
  /** The public half of the key that signs now. Throws Failure `config` as `sign` does. */
  current(owner: string): PublicKey
  /** Throws Failure `config` where there is no private key of the owner, or others may read it. */
  sign(owner: string, text: string): Signature
  /** Public keys of owners whose private keys are elsewhere: what they sign counts here from now on. Those that are known stay. */
  pin(keys: readonly PublicKey[]): void
  /** Every public key, by id. Throws Failure `data` where they cannot be read. */
  publicKeys(): ReadonlyMap<string, PublicKey>
}

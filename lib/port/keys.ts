/** Key pairs of vaults (Ed25519, RFC 8032). Private keys never leave the adapter; public ones stand in the memory of the home. */

export interface PublicKey {
  /** First 16 hex digits of SHA-256 of the raw key. */
  readonly id: string
  readonly vault: string
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
  /** A new pair for a vault; from now on it signs, and older signatures stay valid. Throws Failure `output` where it cannot be kept. */
  create(vault: string, at: string): PublicKey
  /** Whether the private key of a vault is here. */
  has(vault: string): boolean
  /** Throws Failure `config` where there is no private key of the vault, or others may read it. */
  sign(vault: string, text: string): Signature
  /** Every public key, by id. Throws Failure `data` where they cannot be read. */
  publicKeys(): ReadonlyMap<string, PublicKey>
}

/** What tools must know and nobody else may: kept apart, read when it is needed, never written into records, logs or messages. */

/** Secrets by key, such as `{ "api_key": "…" }`. */
export type Credentials = Readonly<Record<string, string>>

export interface KeptSecrets {
  /** Where they were found, for messages. */
  readonly place: string
  readonly secrets: Credentials
}

export interface Secrets {
  /**
   * What is kept under a name, that of a tool, a venue or a service; undefined where nothing is. Throws Failure: `config` where it may not
   * be read, or others may read it too; `again` where whoever keeps them asks to come later; `upstream` where nobody answers; `data` where
   * an answer is none. No message holds any part of a secret.
   */
  read(name: string): Promise<KeptSecrets | undefined>
  /** Give back what entering has been given. Throws nothing. */
  close?(): Promise<void>
}

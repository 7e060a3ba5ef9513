/** Where features are served from: one line of text an entity, replaced all at once, read one at a time. */
export interface OnlineAbout {
  /** It answers for this moment and later ones. */
  readonly as_of_ms: number
  /** Of the definitions that it was made by. */
  readonly definitions: string
  readonly entities: number
}

export interface Online {
  /** As a person writes it, without secrets: for messages. */
  readonly place: string
  /** Undefined where nothing was ever put there. */
  about(): Promise<OnlineAbout | undefined>
  /** The line of an entity; undefined where it has none. */
  read(entity: string): Promise<string | undefined>
  /** Whoever reads meanwhile finds all of the old lines or all of the new. Throws Failure `upstream` or `output` where it cannot be done. */
  replace(about: OnlineAbout, lines: Iterable<readonly [entity: string, line: string]>): Promise<void>
  /** Every entity that has a line, sorted. */
  entities(): Promise<readonly string[]>
  close(): void
}

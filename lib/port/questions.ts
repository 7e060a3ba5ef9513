/** Lines that a person types, or that a pipe hands on. */
export interface Questions {
  /** Somebody sits there. */
  readonly isTerminal: boolean
  /** One after another until there are no more; at a terminal behind a prompt, with those before (oldest first) to go back to. Asked once. */
  lines(prompt: string, before: readonly string[]): AsyncIterable<string>
}

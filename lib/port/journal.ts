/**
 * An append-only log of lines. A line is acknowledged once `sync` has returned; a torn tail left by a crash is set aside
 * before the next append, never joined to it and never dropped.
 */
export interface Journal {
  /** Queue one line (no newline in it). */
  append(line: string): void
  /** Write and make durable everything appended so far. */
  sync(): void
  /** Every line so far, the queued ones included, first to last. */
  lines(): Iterable<string>
  close(): void
}

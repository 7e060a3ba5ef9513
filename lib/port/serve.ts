/** Answers over HTTP, for whoever asks on the addresses of this machine: text that is made anew for each question. */

export interface Page {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

export interface Serving {
  /** Where it listens: the port is the one that was given out, where 0 was asked for. */
  readonly address: string
  /** Resolves once the signal was given and all is closed. */
  readonly ended: Promise<void>
}

/** Throws Failure `usage` where the address is none, `again` where another listens there, `config` where it may not be listened on. */
export type Serve = (address: ListenAddress, answer: (path: string) => Promise<Page>, signal: AbortSignal) => Promise<Serving>

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

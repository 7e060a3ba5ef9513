/** One table of exit codes for all tools (after sysexits.h, so that systemd can act on them). */
export const EXIT = {
  done: { code: 0, meaning: 'done' },
  negative: { code: 1, meaning: 'negative answer: nothing found, or a check failed' },
  usage: { code: 2, meaning: 'wrong usage' },
  data: { code: 65, meaning: 'bad input data; the line is named and kept' },
  upstream: { code: 69, meaning: 'a service upstream is unavailable' },
  bug: { code: 70, meaning: 'internal error' },
  output: { code: 73, meaning: 'cannot write' },
  again: { code: 75, meaning: 'temporary failure, try again' },
  refused: { code: 77, meaning: 'refused: halted, not armed, or over a limit' },
  config: { code: 78, meaning: 'bad configuration' },
} as const

export type Exit = keyof typeof EXIT

/** Any failure a tool foresees: the message names the place, `exit` picks the code. Everything else thrown is our bug (70). */
export class Failure extends Error {
  readonly exit: Exit
  constructor(exit: Exit, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Failure'
    this.exit = exit
  }
}

/** A service answered, but with a status that is no success: not the same as a service that is out of reach. */
export class AnswerFailure extends Failure {
  /** Of HTTP. */
  readonly status: number
  constructor(exit: Exit, message: string, status: number, cause?: unknown) {
    super(exit, message, cause)
    this.status = status
  }
}

/** The run was asked to stop while it waited for something: no failure, and never reported as one. */
export class Stopped extends Error {
  constructor() {
    super('stopped')
    this.name = 'Stopped'
  }
}

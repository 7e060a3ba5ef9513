/** Questions from stdin: by Node's readline where both ends are a terminal (the prompt on stderr: stdout holds answers alone), else line by line. */
import { createInterface } from 'node:readline'
import type { Questions } from '#port/questions'

/** `flushed`: what was answered so far has left the process, so that it stands before the next prompt. */
export const stdinQuestions = (flushed: () => Promise<void>): Questions => {
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true
  return {
    isTerminal,
    async *lines(prompt, before) {
      const typed = createInterface({
        input: process.stdin, ...(isTerminal && { output: process.stderr, history: before.toReversed(), removeHistoryDuplicates: true }),
        terminal: isTerminal, prompt, crlfDelay: Infinity,
      })
      // Ctrl-C throws away what was typed, as in a shell, and ends an empty line.
      typed.on('SIGINT', () => {
        if (typed.line === '') return typed.close()
        process.stderr.write('^C\n')
        typed.write(null, { ctrl: true, name: 'e' })
        typed.write(null, { ctrl: true, name: 'u' })
      })
      if (isTerminal) typed.once('close', () => process.stderr.write('\n')).prompt()
      for await (const line of typed) {
        yield line
        await flushed()
        if (isTerminal) typed.prompt()
      }
    },
  }
}

/**
 * Latency by the clock on the wall: hands lines to a program at a steady pace and notes when each went in and when each conviction came out. Prints
 * [entered, latency] in ms of every conviction that a signal gave cause for, as JSON.
 *   latency_live GAP_MICROSECONDS COMMAND [WORD...] < LINES
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Caused } from './caused.ts'

const [gap = '', command = '', ...words] = process.argv.slice(2)
const gapMs = Number(gap) / 1000
const lines = readFileSync(0, 'utf8').trim().split('\n').map((text) => ({ text, id: /"id":"([0-9a-f]{40})"/.exec(text)?.[1] ?? '' }))

/** The processes are up before the first signal comes. */
const START_MS = 3000
const pause = (forMs: number): Promise<void> => new Promise((done) => setTimeout(done, forMs))

const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
const status = new Promise<number | null>((done) => child.once('exit', done))
const caused = new Caused(), latencies: [number, number][] = []
let rest = '', startedMs = 0
child.stdout.on('data', (chunk) => {
  const nowMs = performance.now(), text = `${rest}${chunk}`.split('\n')
  rest = text.pop() ?? ''
  for (const line of text) {
    const enteredMs = /^{"kind":"(signal|conviction|control)"/.test(line) ? caused.leaves(JSON.parse(line)) : undefined
    if (enteredMs !== undefined) latencies.push([enteredMs - startedMs, nowMs - enteredMs])
  }
})
await pause(START_MS)
startedMs = performance.now()
for (let next = 0; next < lines.length; await pause(1)) {
  const nowMs = performance.now(), due = lines.slice(next, Math.floor((nowMs - startedMs) / gapMs) + 1)
  for (const { id } of due) caused.enters(id, nowMs)
  child.stdin.write(due.map(({ text }) => `${text}\n`).join(''))
  next += due.length
}
child.stdin.end()
if ((await status) !== 0) throw new Error(`${command} ended with ${await status}`)
console.log(JSON.stringify({ latencies }))

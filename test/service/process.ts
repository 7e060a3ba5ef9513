/** The built tools as processes that tests start, watch, signal and read. */
import { spawn, type ChildProcess } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bar, Health, Price, Signal, Vanta } from '#record'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Ended {
  /** 128 + n where a signal ended it. */
  readonly status: number
  readonly out: string
  readonly err: string
}

export interface Process {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** What it has written so far. */
  out(): string
}

const SIGNAL_STATUS: Readonly<Record<string, number>> = { SIGINT: 130, SIGKILL: 137, SIGPIPE: 141, SIGTERM: 143 }

export function startTool(tool: string, words: readonly string[], env: Readonly<Record<string, string>> = {}, input: 'ignore' | 'pipe' = 'ignore'): Process {
  const child = spawn(join(root, 'bin', tool), words, { cwd: root, env: { ...process.env, ...env }, stdio: [input, 'pipe', 'pipe'] })
  let out = '', err = ''
  child.stdin?.on('error', () => undefined)
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ status: code ?? SIGNAL_STATUS[signal ?? ''] ?? 255, out, err }))
  })
  return { child, ended, out: () => out }
}

export const runTool = (tool: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> => startTool(tool, words, env).ended

export type Heard = Signal | Bar | Price

export const recordsIn = (out: string): Vanta[] =>
  out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Vanta)
/** What was heard: signals, bars and prices. */
export const heardIn = (out: string): Heard[] =>
  recordsIn(out).filter((record): record is Heard => record.kind === 'signal' || record.kind === 'bar' || record.kind === 'price')
export const signalsIn = (out: string): Signal[] => heardIn(out).filter((record) => record.kind === 'signal')
export const healthIn = (out: string): Health[] => recordsIn(out).filter((record): record is Health => record.kind === 'health')

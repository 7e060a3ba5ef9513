import type { Log } from '#port/log'
import { redaction } from './redaction.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'
const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Lines for people on stderr: `vanta-decay: 3 records not yet known`. Fields are shown where all is to be said. */
export function plainLog(tool: string, least: Level, write: (line: string) => void): Log {
  const at = (level: Level) => (message: string, fields: object = {}) => {
    if (RANK[level] < RANK[least]) return
    const details = least === 'debug' ? Object.entries(fields).map(([name, value]) => ` ${name}=${wordOf(value)}`) : []
    write(`${tool}: ${level === 'warn' || level === 'error' ? `${level}: ` : ''}${message}${details.join('')}\n`)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** NDJSON for machines, by pino, synchronously: nothing is lost at exit. `file` is a path, undefined is stderr. */
export async function jsonLog(tool: string, least: Level, file: string | undefined): Promise<Log> {
  const { pino } = await import('pino')
  const destination = pino.destination(file === undefined ? { dest: 2, sync: true } : { dest: file, sync: true, append: true, mkdir: true })
  const logger = pino({ level: least, base: { tool }, timestamp: pino.stdTimeFunctions.isoTime }, { write: (line) => destination.write(redaction.of(line)) })
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  }
}

/** Appends made-up records in one way, once: `audit_feed WAY RECORDS GROUP`; prints the milliseconds on the wall and of CPU. */
import fs from 'node:fs'
import { join } from 'node:path'
import { fileLogs } from '#adapter/file/logs'
import { genesisRecord } from '#domain/audit/genesis'
import { openAuditLog, type AuditLog } from '#domain/audit/log'
import { lineOf, make } from '#record'

const [way = '', records = '0', groupText = '1', folder = ''] = process.argv.slice(2)
const group = Number(groupText)
const AT = '2021-01-15T14:30:00.000Z'
const lines = Array.from({ length: Number(records) }, (_, n) => {
  const record = make('signal', {
    parents: [], at: AT, known_at: AT, source: 'reddit/wallstreetbets', by: 'vanta-bench/1', type: 'post', key: `reddit:t3_${n}`, author: `reddit:${n % 5000}`,
    raw: 'To be held until the number that was said is reached, or until it is not, whichever comes first; not advice, and the same as yesterday.',
  })
  return { line: lineOf(record), id: record.id }
})

/** Groups of lines, written by a bare file. */
function bare(sync: boolean): void {
  const file = fs.openSync(join(folder, 'bare'), 'a')
  for (let from = 0; from < lines.length; from += group) {
    fs.writeSync(file, lines.slice(from, from + group).map(({ line }) => `${line}\n`).join(''))
    if (sync) fs.fdatasyncSync(file)
  }
  fs.closeSync(file)
}

function audit(isShared: boolean): void {
  const genesis = genesisRecord({ world: 'paper', at: AT, by: 'vanta-bench/1' })
  const opened = openAuditLog({ folder: fileLogs(join(folder, 'logs')), genesis, group: Infinity, ...(isShared && { shareMs: 1000 }) })
  if ('fault' in opened) throw new Error(opened.fault)
  const { log } = opened
  for (let from = 0; from < lines.length; from += group) appendGroup(log, from, isShared)
  log.close()
}

function appendGroup(log: AuditLog, from: number, isShared: boolean): void {
  if (isShared) log.enter()
  for (const { line, id } of lines.slice(from, from + group)) log.append(line, id)
  if (isShared) log.leave()
  else log.commit()
}

const started = process.hrtime.bigint(), cpu = process.cpuUsage()
if (way === 'plain' || way === 'fdatasync') bare(way === 'fdatasync')
else audit(way === 'shared')
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({ wallMs: Number(process.hrtime.bigint() - started) / 1e6, cpuMs: (user + system) / 1000 }))

/**
 * Forms 4 on one core: whole submissions in memory, each with an accession number of its own, from bytes to records with their ids.
 * Prints one JSON line; bench/form4.mjs bundles and runs it.
 *   form4_feed FOLDER
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lineOf } from '#record'
import { Payloads } from '#wire/sec/payload'

const [folder = ''] = process.argv.slice(2)
const payloads = readdirSync(folder).sort().map((name) => ({ name, bytes: readFileSync(join(folder, name)), heardMs: Date.now() }))
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** A collector's work on all of them: parsed, made into records, written as lines. */
function pass(): { cpuMs: number; forms: number; characters: number } {
  const parser = new Payloads({ by: 'bench/0', log: silent, reject: () => undefined })
  let forms = 0, characters = 0
  const cpu = process.cpuUsage()
  for (const payload of payloads) {
    for (const signal of parser.read(payload)) {
      forms++
      characters += lineOf(signal).length
    }
  }
  const { user, system } = process.cpuUsage(cpu)
  return { cpuMs: (user + system) / 1000, forms, characters }
}

const first = pass()
const warm = [pass(), pass(), pass()].map(({ cpuMs }) => cpuMs)
console.log(JSON.stringify({ ...first, warmMs: Math.min(...warm) }))

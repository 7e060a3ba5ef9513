/** Logs that a node has signed and published, with cosignatures of others. */
import assert from 'node:assert/strict'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryStore } from '#adapter/memory/store'
import { cosignNote, formatVkey, type Verifier } from '#domain/audit/note'
import { addCosignatures, publish } from '#domain/audit/published'
import { noQuorum } from '#domain/audit/policy'
import type { SignedCheckpoint } from '#domain/audit/checkpoint'
import type { AuditFault } from '#domain/audit/recover'
import type { Logs } from '#domain/audit/logs'
import { makeNodeKey, nodeOf, type Node } from '#tool/node'

export const NOW = '2021-01-15T14:30:00.000Z'

/** A node with a key of its own, made from its name. */
export function nodeNamed(name: string, seed = name): Node {
  const nodeKeys = memoryKeys(seed, memoryStore(), 'node')
  makeNodeKey(name, { nodeKeys, clock: { now: () => Date.parse(NOW) } })
  const node = nodeOf({ nodeKeys })
  assert.ok(node !== undefined)
  return node
}

export function sound<T extends object>(result: T | AuditFault): T {
  assert.ok(!('fault' in result), 'fault' in result ? result.fault : '')
  return result
}

export const originIn = (folder: Logs): string => folder.read('audit.checkpoint')?.toString().split('\n')[0] ?? ''

/** Publish a log as it stands, cosigned by the witnesses. */
export function publishBy(node: Node, folder: Logs, witnesses: readonly Node[] = []): SignedCheckpoint {
  const origin = originIn(folder)
  const signed = sound(publish({ folder, sign: node.signLog(origin) }))
  if (witnesses.length === 0) return signed
  const known = new Map<string, Verifier>(witnesses.map(({ name, witness }) => [name, witness]))
  const added = witnesses.map((witness, i) => cosignNote(signed.note.text, 1_610_720_000 + i, witness.witness, witness.sign))
  return sound(addCosignatures(folder, origin, { logs: [], witnesses: known, quorum: noQuorum }, added))
}

export const vkeyOf = (node: Node, origin: string): string => formatVkey(node.logKey(origin))

import { verbs } from '#tool'
import append from './audit/append.ts'
import bundle from './audit/bundle.ts'
import checkpoint from './audit/checkpoint.ts'
import exportRecords from './audit/export.ts'
import index from './audit/index.ts'
import key from './audit/key.ts'
import lineage from './audit/lineage.ts'
import prove from './audit/prove.ts'
import replay from './audit/replay.ts'
import rotate from './audit/rotate.ts'
import verify from './audit/verify.ts'
import witness from './audit/witness.ts'

export default verbs({
  name: 'vanta-audit',
  summary: 'The provable record: append to it, sign it, prove and verify it, trace any record to its sources and make it anew.',
  verbs: { append, verify, checkpoint, prove, witness, key, rotate, lineage, index, export: exportRecords, bundle, replay },
})

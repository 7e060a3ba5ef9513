import { verbs } from '#tool'
import append from './audit/append.ts'
import checkpoint from './audit/checkpoint.ts'
import key from './audit/key.ts'
import lineage from './audit/lineage.ts'
import prove from './audit/prove.ts'
import verify from './audit/verify.ts'
import witness from './audit/witness.ts'

export default verbs({
  name: 'vanta-audit',
  summary: 'The provable record: append to it, sign it, prove and verify it, and trace any record back to its sources.',
  verbs: { append, verify, checkpoint, prove, witness, key, lineage },
})

import { verbs } from '#tool'
import append from './audit/append.ts'
import lineage from './audit/lineage.ts'
import verify from './audit/verify.ts'

export default verbs({
  name: 'vanta-audit',
  summary: 'The provable record: append to it, verify it, and trace any record back to its sources.',
  verbs: { append, verify, lineage },
})

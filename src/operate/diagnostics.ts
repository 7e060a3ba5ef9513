import { verbs } from '#tool'
import check from './diagnostics/check.ts'
import sla from './diagnostics/sla.ts'

export default verbs({
  name: 'vanta-diagnostics',
  summary: check.summary,
  main: check,
  verbs: { sla },
})

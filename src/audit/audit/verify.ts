import { command } from '#tool'
import { verifyAuditLog } from '#domain/audit/verify'

export default command({
  name: 'vanta-audit verify',
  summary: 'Say whether the audit log is as it was written; if not, where it was changed (exit 1).',
  options: {},
  examples: [{ run: 'vanta-audit verify --home /nowhere', note: 'no log is no intact log', status: 1 }],
  act(_options, _operands, { logs, print }) {
    const verdict = verifyAuditLog(logs)
    print(verdict.intact ? `intact: ${verdict.size} lines, root ${verdict.rootHex}` : `NOT INTACT: ${verdict.fault}`)
    return verdict.intact ? 'done' : 'negative'
  },
})

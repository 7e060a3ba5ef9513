import { verbs } from '#tool'
import check from './keys/check.ts'
import init from './keys/init.ts'
import issue from './keys/issue.ts'
import list from './keys/list.ts'
import revoke from './keys/revoke.ts'
import rotate from './keys/rotate.ts'

export default verbs({
  name: 'vanta-keys',
  summary: 'A small authority of certificates for TLS between the nodes: issue, rotate and revoke them, list every key there is, and check them.',
  verbs: { init, issue, rotate, revoke, list, check },
})

import { verbs } from '#tool'
import dedupe from './resolve/dedupe.ts'
import link from './resolve/link.ts'
import pairs from './resolve/pairs.ts'

export default verbs({
  name: 'vanta-resolve',
  summary: 'Which names, numbers and records are one and the same.',
  verbs: { pairs, link, dedupe },
})

import { verbs } from '#tool'
import classify from './train/classify.ts'
import importTrees from './train/import.ts'
import list from './train/list.ts'

export default verbs({
  name: 'vanta-train',
  summary: 'Learn models from recorded rows, each written with a card that says how it was made and judged.',
  verbs: { classify, import: importTrees, list },
})

import { verbs } from '#tool'
import all from './train/all.ts'
import classify from './train/classify.ts'
import direction from './train/direction.ts'
import forecast from './train/forecast.ts'
import importTrees from './train/import.ts'
import list from './train/list.ts'

export default verbs({
  name: 'vanta-train',
  summary: 'Learn models from recorded rows, each written with a card that says how it was made and judged.',
  verbs: { all, classify, direction, forecast, import: importTrees, list },
})

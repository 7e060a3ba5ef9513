import { verbs } from '#tool'
import run from './backtest/run.ts'

export default verbs({
  name: 'vanta-backtest',
  summary: 'Replay recorded history through the whole loop, on paper, and say honestly what came of it.',
  verbs: {},
  main: run,
})

import { verbs } from '#tool'
import run from './backtest/run.ts'
import sweep from './backtest/sweep.ts'

export default verbs({
  name: 'vanta-backtest',
  summary: 'Replay recorded history through the whole loop, on paper, and say honestly what came of it.',
  verbs: { sweep },
  main: run,
})

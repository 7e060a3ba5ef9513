// The main job: replay the shipped season hour by hour through the whole loop, on paper.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

setUp()
const home = process.env.VANTA_HOME || root
const { status } = spawnSync(join(root, 'bin', 'vanta-backtest'), [
  '--data', 'samples/season', '--from', '2020-11-25', '--to', '2021-01-17', '--table', ...process.argv.slice(2),
], { stdio: 'inherit', env: { ...process.env, VANTA_HOME: home, PATH: `${join(root, 'bin')}:${process.env.PATH}` } })
process.exitCode = status ?? 70

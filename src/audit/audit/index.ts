import { updateIndex } from '#domain/audit/index/store'
import { command, Failure } from '#tool'
import { askingIn } from '#tool/asking'

export default command({
  name: 'vanta-audit index',
  summary: 'Index the log to its end, so that the next lineage need not.',
  about: 'The index repeats what the log says. A question extends it where it is behind by more than a mebibyte; a timer can do so ahead.',
  options: {},
  examples: [{ run: 'vanta-audit index --home /nowhere', note: 'there is nothing to index', status: 1 }],
  act(_, _operands, world) {
    const lines = updateIndex(world.logs, askingIn(world))
    if (lines === 0) throw new Failure('negative', `there is no audit log in ${world.home}`)
    world.print(`${lines} lines are indexed`)
  },
})

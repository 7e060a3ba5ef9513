import { isModule, isReviewDue, moduleRows, STATES, VERDICTS, type ModuleRow, type State } from '#domain/operate/tracker'
import { fitting } from '#domain/report/columns'
import { command, Failure, verbs, type ActionWorld, type Options } from '#tool'
import { foundModules, happen, trackedModules } from './tracker/modules.ts'

const accountable = {
  who: { kind: 'text', variable: 'USER', default: 'unknown', help: 'who says so' },
  notes: { kind: 'text', default: 'none', help: 'what is to be known of it' },
} as const satisfies Options
const ofVersion = { kind: 'text', help: 'version that is meant (default: as it stands)' } as const
const json = { kind: 'flag', help: 'one JSON object a line' } as const

const list = command({
  name: 'vanta-tracker list',
  summary: 'Every module with its state, version and last review; `changed` where it is another version than was approved.',
  about: [
    'Modules are found by themselves: tools (by the SHA-256 of their program), models (by that of their card), vaults (by their settings), feeds and other',
    'jobs (by the table of jobs). Only those that were added have a state: proposed, shadow, live, paused or retired.',
  ].join(' '),
  options: {
    json, tracked: { kind: 'flag', help: 'only those that were added' },
    state: { kind: 'list', help: `only those in these states: ${STATES.join(', ')}` },
    due: { kind: 'flag', help: 'only those that wait for a review: nobody has given a verdict on the version that stands there' },
    age: { kind: 'duration', help: 'with --due: those, too, whose verdict is older than this' },
  },
  examples: ['vanta-tracker list | grep model:', 'vanta-tracker add model:swarm >/dev/null && vanta-tracker list --due'],
  act({ json, tracked, state, due, age }, _operands, world) {
    if (age !== undefined && !due) throw new Failure('usage', '--age goes with --due')
    const wanted = state?.map(stateNamed), beforeMs = age === undefined ? undefined : world.clock.now() - age
    const rows = rowsIn(world).filter((row) => (!tracked || row.state !== null)
      && (wanted === undefined || (row.state !== null && wanted.includes(row.state))) && (!due || isReviewDue(row, beforeMs)))
    tell(rows, json, world)
    return rows.length === 0 ? 'negative' : 'done'
  },
})

const check = command({
  name: 'vanta-tracker check',
  summary: 'Name what was changed since it was approved, or is live and gone; status 1 where something is.',
  options: { json },
  examples: ['vanta-tracker check', 'vanta-tracker add model:swarm >/dev/null && vanta-tracker check'],
  act({ json }, _operands, world) {
    const wrong = rowsIn(world).filter(({ changed, state, version }) => changed || (state === 'live' && version === null))
    if (wrong.length > 0) tell(wrong, json, world)
    return wrong.length === 0 ? 'done' : 'negative'
  },
})

const show = command({
  name: 'vanta-tracker show',
  summary: 'A module with all its reviews, as one JSON object.',
  operands: 'MODULE',
  options: {},
  examples: ['vanta-tracker show model:swarm | jq -r .state'],
  act(_, operands, world) {
    const module = oneModule(operands), row = rowsIn(world).find((one) => one.module === module)
    if (row === undefined) throw new Failure('negative', `no module ${module}: vanta-tracker list`)
    world.print(JSON.stringify({ ...row, reviews: trackedModules(world).get(module)?.reviews ?? [] }))
  },
})

const add = command({
  name: 'vanta-tracker add',
  summary: 'Propose a module: from now on it has a state.',
  about: 'What is not found by itself may be added too, such as service:broker, with the --of-version that it has.',
  operands: '[MODULE]',
  options: { all: { kind: 'flag', help: 'every module that is found and was not added yet, as it stands' }, ofVersion, ...accountable },
  examples: [
    'vanta-tracker add tool:vanta-decay --who ann', 'vanta-tracker add service:broker --of-version 2024-06', 'vanta-tracker add --all --who ann | wc -l',
  ],
  act({ all, ofVersion, who, notes }, operands, world, emit) {
    if (all) {
      if (operands.length > 0 || ofVersion !== undefined) throw new Failure('usage', '--all takes no module, and each as it stands')
      const fresh = rowsIn(world).flatMap(({ module, state, version }) => (state === null && version !== null ? [{ module, version }] : []))
      for (const record of happen(fresh.map((one) => ({ what: 'add', ...one, who, notes })), world)) emit(record)
      return
    }
    const module = oneModule(operands), meant = versionOf(module, ofVersion, world)
    for (const record of happen([{ what: 'add', module, version: meant, who, notes }], world)) emit(record)
  },
})

const review = command({
  name: 'vanta-tracker review',
  summary: 'Say of one version of a module that it is approved, or rejected; the last word on a version counts.',
  operands: 'MODULE',
  options: { verdict: { kind: 'choice', choices: VERDICTS, required: true, help: 'what the review came to' }, ofVersion, ...accountable },
  examples: ['vanta-tracker add model:swarm >/dev/null && vanta-tracker review model:swarm --verdict approve --who bob --notes "read its card"'],
  act({ verdict, ofVersion, who, notes }, operands, world, emit) {
    const module = oneModule(operands), meant = versionOf(module, ofVersion, world)
    for (const record of happen([{ what: 'review', module, version: meant, who, notes, verdict }], world)) emit(record)
  },
})

const set = command({
  name: 'vanta-tracker set',
  summary: 'Move a module to another state; live only where the very version was approved (77).',
  operands: 'MODULE STATE',
  options: { ofVersion, ...accountable },
  examples: [
    'vanta-tracker add model:swarm >/dev/null && vanta-tracker set model:swarm shadow',
    { run: 'vanta-tracker add model:swarm >/dev/null && vanta-tracker set model:swarm shadow >/dev/null && vanta-tracker set model:swarm live', status: 77 },
  ],
  act({ ofVersion, who, notes }, operands, world, emit) {
    const [name = '', to = '', ...more] = operands
    if (more.length > 0 || to === '') throw new Failure('usage', 'expected MODULE STATE, such as model:swarm shadow')
    const module = oneModule([name]), state = stateNamed(to), meant = versionOf(module, ofVersion, world)
    for (const record of happen([{ what: 'set', module, version: meant, who, notes, state }], world)) emit(record)
  },
})

const HEADER = ['module', 'state', 'version', 'review', 'changed', 'since', 'who'], SPARE = [6, 5], NONE: ReadonlySet<number> = new Set()

function tell(rows: readonly ModuleRow[], json: boolean, world: ActionWorld): void {
  if (json) return rows.forEach((row) => world.print(JSON.stringify(row)))
  const cells = rows.map(({ module, state, version, review, changed, since, who }) =>
    [module, state ?? '-', version ?? 'gone', state === null ? '-' : review, changed ? 'changed' : '-', since ?? '-', who ?? '-'])
  for (const line of fitting([HEADER, ...cells], NONE, world.columns, SPARE)) world.print(line)
}

const rowsIn = (world: ActionWorld): readonly ModuleRow[] => moduleRows(trackedModules(world), foundModules(world))

function oneModule([module = '', ...more]: readonly string[]): string {
  if (more.length > 0 || !isModule(module)) throw new Failure('usage', 'expected a module, such as tool:vanta-decay or model:swarm')
  return module
}

function stateNamed(name: string): State {
  const state = STATES.find((one) => one === name)
  if (state === undefined) throw new Failure('usage', `expected one of ${STATES.join(', ')}, got "${name}"`)
  return state
}

function versionOf(module: string, typed: string | undefined, world: ActionWorld): string {
  const version = typed ?? foundModules(world).get(module) ?? trackedModules(world).get(module)?.version
  if (version === undefined) throw new Failure('usage', `${module} is not found here: say its --of-version`)
  return version
}

export default verbs({
  name: 'vanta-tracker',
  summary: 'Modules, reviews and states: what runs here, who has approved which version of it, and what was changed since.',
  verbs: { list, show, add, review, set, check },
})

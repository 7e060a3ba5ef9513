import { allTargets, parseRules, PASSED, readRoutes, targetsOf, type Routes } from '#domain/bus/route'
import { keyOf } from '#domain/bus/key'
import { readNamed } from '#port/folder'
import { KINDS, lineOf } from '#record'
import { action, Failure, StreamOutput, type ActionWorld } from '#tool'

const RULES = 'router.json'
/** How much was sent where is told so often, and at the end. */
const TOLD_MS = 600_000

export default action({
  name: 'vanta-router',
  summary: 'Fan records out to streams by domain, kind and routing tags.',
  about: [
    'A rule is a few conditions that all have to hold, an arrow and streams: `domain=social|news urgency!=low -> redis:fast`. Records are told by kind,',
    'type, source, subject, maker, vault, stream, and by what convictions are routed by: asset, direction, domain, horizon, urgency, or a whole tag',
    '(tag=domain:social).',
    'A value may end in *. A record goes to every stream of every rule that holds, once, as the line it came as; a rule without conditions holds always; the',
    'stream - is stdout, or --out. What no rule is for goes to --otherwise.\n',
    'Without --rule they are read from a file: {"rules": [{"when": {"domain": ["social", "news"], "urgency": {"not": "low"}}, "to": "redis:fast"}],',
    '"otherwise": "redis:rest"}; a rule may stand there as text, too.\n',
    'What was read counts as done once it is durable in every stream it went to. One that is away holds all back for a minute, then the run ends with 69;',
    'what is sent again has the same ids. --in and --group as for all tools: copies of a router share the work, and records of one subject keep their order.',
  ].join(' '),
  reads: KINDS,
  options: {
    rule: { kind: 'list', help: 'a rule, CONDITIONS -> STREAM...; may be given again and again' },
    rules: { kind: 'path', help: 'file with rules (default: router.json in the home)' },
    otherwise: { kind: 'text', help: 'stream for what no rule is for; - passes it on (default: -)' },
  },
  examples: [
    "vanta-sec --from test/cases/vanta-sec/0001-form-4/form4.txt | vanta-router --rule 'domain=filings -> file:filings' --rule 'asset=crypto -> file:crypto'",
    "vanta-sec --from test/cases/vanta-sec/0001-form-4/form4.txt | vanta-router --rule 'kind=signal -> file:all -' --otherwise file:rest | head -1",
    { run: "vanta-router --rule 'domian=crypto -> file:crypto' </dev/null", note: 'nothing is told by that name', status: 2 },
  ],
  async open({ rule, rules, otherwise }, world) {
    const routes = routesOf(rule, rules, otherwise, world), outputs = new Map<string, StreamOutput>(), counts = new Map<string, number>()
    for (const target of allTargets(routes)) if (target !== PASSED) outputs.set(target, new StreamOutput(await world.bus(target)))
    let toldMs = world.clock.now()
    const tell = (): void => {
      for (const [target, count] of counts) world.log.info(`${count} ${target === PASSED ? 'passed on' : `to ${target}`}`)
      counts.clear()
      toldMs = world.clock.now()
    }
    return {
      each(record, emit) {
        const line = lineOf(record), key = keyOf(record)
        let busy: Promise<void> | undefined
        for (const target of targetsOf(record, routes)) {
          counts.set(target, (counts.get(target) ?? 0) + 1)
          const output = outputs.get(target)
          if (output === undefined) {
            emit(record)
            continue
          }
          output.write(line, key)
          const crowded = output.drained()
          if (crowded !== undefined) busy = busy === undefined ? crowded : Promise.all([busy, crowded]).then(() => undefined)
        }
        return busy
      },
      async flushed() {
        await Promise.all([...outputs.values()].map((output) => output.flushed()))
        // Whoever reads a stream is stopped and does not end.
        if (world.clock.now() - toldMs >= TOLD_MS) tell()
      },
      end: tell,
    }
  },
})

function routesOf(typed: readonly string[] | undefined, file: string | undefined, otherwise: string | undefined, { folder, home }: ActionWorld): Routes {
  if (typed !== undefined) {
    if (file !== undefined) throw new Failure('usage', '--rule and --rules: rules come from one place')
    try {
      return { rules: parseRules(typed), otherwise: otherwise ?? PASSED }
    } catch (error) {
      throw error instanceof RangeError ? new Failure('usage', `--rule: ${error.message}`, error) : error
    }
  }
  const path = file ?? `${home}/${RULES}`, text = readNamed(folder, path).toString('utf8')
  try {
    const routes = readRoutes(JSON.parse(text))
    return otherwise === undefined ? routes : { ...routes, otherwise }
  } catch (error) {
    throw error instanceof RangeError || error instanceof SyntaxError ? new Failure('config', `${path}: ${error.message}`, error) : error
  }
}

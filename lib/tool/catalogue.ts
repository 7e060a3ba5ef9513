import { metavar, tableOf, variableOf } from './argv.ts'
import type { AnyAct, Tool } from './define.ts'
import { exampleOf } from './help.ts'
import { flagOf } from './options.ts'
import { actsOf } from './verb.ts'

/** One tool as data, for `vanta list --json`: what other programs need to call it. */
export function catalogueEntry(tool: Tool): object {
  const acts = actsOf(tool)
  return {
    name: tool.name,
    summary: tool.summary,
    kind: tool.kind,
    ...(tool.kind === 'verbs' ? { verbs: acts.map(entryOf) } : entryOf(tool)),
  }
}

function entryOf(act: AnyAct): object {
  return {
    name: act.name,
    summary: act.summary,
    kind: act.kind,
    ...('reads' in act && { reads: act.reads }),
    options: Object.entries(tableOf(act)).map(([name, option]) => ({
      flag: `--${flagOf(name)}`,
      value: metavar(option),
      help: option.help,
      environment: variableOf(act, name),
      ...('default' in option && { default: option.default }),
      ...(option.kind === 'choice' && { choices: option.choices }),
    })),
    examples: act.examples.map(exampleOf),
  }
}

/** Help text, from the same table that is parsed: an example first, exit codes last. */
import { tableOf, metavar, variableOf } from './argv.ts'
import { SHORT } from './common.ts'
import type { AnyAct, Example, Tool, Verbs } from './define.ts'
import { EXIT } from '#port/failure'
import { flagOf, type Option } from './options.ts'

const WIDTH = 100
const OPTION_WIDTH = 28

export const exampleOf = (example: string | Example): Example => (typeof example === 'string' ? { run: example } : example)

export function helpOf(tool: Tool): string {
  return tool.kind === 'verbs' ? verbsHelp(tool) : actHelp(tool)
}

function verbsHelp(tool: Verbs): string {
  const acts = Object.entries(tool.verbs)
  const wide = Math.max(...acts.map(([verb]) => verb.length)) + 2
  const verbs: readonly string[][] = [
    ['Usage', `  ${tool.name} VERB [OPTIONS] ...`, `  ${tool.name} VERB --help`],
    ['Verbs', ...acts.flatMap(([verb, act]) => columns(`  ${verb}`, act.summary, wide + 2))],
  ]
  if (tool.main !== undefined) {
    const [head = [], ...rest] = actSections(tool.main)
    return sections([head, ...rest.slice(0, 1), ...verbs, ...rest.slice(1)])
  }
  const first = acts.flatMap(([, act]) => act.examples)[0]
  return sections([[`${tool.name}: ${tool.summary}`], first === undefined ? [] : ['Example', `  ${exampleOf(first).run}`], ...verbs, exitStatus()])
}

/** `filter`s and the like also take files; `-` is stdin. */
export function usageOf(act: AnyAct): string {
  const operands = act.kind === 'command' ? act.operands : act.kind === 'collector' ? listThatGoesOn(act) : '[FILE...]'
  return `${act.name} [OPTIONS]${operands === undefined ? '' : ` ${operands}`}`
}

/** `[--from FILE...]`, of a collector that has such an option. */
function listThatGoesOn(act: AnyAct): string | undefined {
  const found = Object.entries(act.options).find(([, option]) => option.kind === 'list' && option.goesOn === true)
  return found === undefined ? undefined : `[--${flagOf(found[0])} FILE...]`
}

const actHelp = (act: AnyAct): string => sections(actSections(act))

function actSections(act: AnyAct): readonly string[][] {
  const table = Object.entries(tableOf(act))
  const own = table.filter(([name]) => name in act.options)
  const common = table.filter(([name]) => !(name in act.options))
  const records = 'reads' in act ? `${act.reads.join(', ')} records; others pass by untouched` : undefined
  const read = act.kind === 'rows' ? 'JSON objects of any kind, one a line' : records
  const reads = read === undefined ? [] : [`Reads ${read}. Without FILE, or where it is -, reads stdin.`]
  return [
    [`${act.name}: ${act.summary}`],
    ['Examples', ...act.examples.map(exampleOf).flatMap(({ run, note }) => [...(note === undefined ? [] : [`  # ${note}`]), `  ${run}`])],
    ['Usage', `  ${usageOf(act)}`],
    [...wrap([act.about ?? '', ...reads].filter((text) => text !== '').join('\n\n'), WIDTH)],
    own.length === 0 ? [] : ['Options', ...own.flatMap(([name, option]) => optionLines(act, name, option))],
    [
      'Common options', ...common.flatMap(([name, option]) => optionLines(act, name, option)),
      ...columns('  -h, --help', 'this text', OPTION_WIDTH), ...columns('  -V, --version', 'name and version', OPTION_WIDTH),
    ],
    exitStatus(),
  ]
}

function optionText(name: string, option: Option): string {
  const short = SHORT[name] === undefined ? '' : `-${SHORT[name]}, `
  const value = metavar(option)
  return `${short}--${flagOf(name)}${value === '' ? '' : ` ${value}`}`
}

function optionLines(act: AnyAct, name: string, option: Option): string[] {
  const standard = 'default' in option ? ` (default: ${option.default})` : 'required' in option ? ' (required)' : ''
  return columns(`  ${optionText(name, option)}`, `${option.help}${standard} [${variableOf(act, name)}]`, OPTION_WIDTH)
}

function exitStatus(): string[] {
  return ['Exit status', ...Object.values(EXIT).map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`)]
}

function columns(left: string, right: string, at: number): string[] {
  const lines = wrap(right, WIDTH - at)
  const head = left.length + 2 <= at ? [left.padEnd(at) + (lines.shift() ?? '')] : [left]
  return [...head, ...lines.map((line) => ' '.repeat(at) + line)]
}

export function wrap(text: string, width: number): string[] {
  if (text === '') return []
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.trim().split(/\s+/)) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = ''
      }
      line += `${line === '' ? '' : ' '}${word}`
    }
    return [...lines, line]
  })
}

/** Blocks of lines with a blank line between; empty ones are left out. */
function sections(blocks: readonly (readonly string[])[]): string {
  const texts = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'))
  return `${texts.join('\n\n')}\n`
}

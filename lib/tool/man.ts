/** Man pages in man(7) roff, from the option tables. */
import { metavar, tableOf, variableOf } from './argv.ts'
import { SHORT } from './common.ts'
import type { AnyAct, Tool } from './define.ts'
import { EXIT } from '#port/failure'
import { exampleOf, usageOf } from './help.ts'
import { flagOf, type Option } from './options.ts'
import { actsOf } from './verb.ts'

const escape = (text: string): string => text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^([.'])/gm, '\\&$1')

export function manOf(tool: Tool, version: string): string {
  const acts = actsOf(tool)
  const lines = [
    `.TH ${tool.name.toUpperCase()} 1 "" "vanta ${version}" "Vanta"`,
    '.SH NAME', `${tool.name} \\- ${escape(tool.summary)}`,
    '.SH SYNOPSIS', ...acts.flatMap((act) => ['.PP', `.B ${escape(usageOf(act))}`]),
    ...acts.flatMap((act) => section(act, acts.length > 1)),
    '.SH "EXIT STATUS"',
    ...Object.values(EXIT).flatMap(({ code, meaning }) => ['.TP', `.B ${code}`, escape(meaning)]),
  ]
  return `${lines.join('\n')}\n`
}

function section(act: AnyAct, titled: boolean): string[] {
  return [
    ...(titled ? [`.SH "${act.name.toUpperCase()}"`, escape(act.summary)] : []),
    ...(act.about === undefined ? [] : ['.SH DESCRIPTION', escape(act.about)]),
    '.SH EXAMPLES',
    ...act.examples.map(exampleOf).flatMap(({ run, note }) => ['.PP', ...(note === undefined ? [] : [escape(note)]), '.nf', escape(run), '.fi']),
    '.SH OPTIONS',
    ...Object.entries(tableOf(act)).flatMap(([name, option]) => entry(act, name, option)),
  ]
}

function entry(act: AnyAct, name: string, option: Option): string[] {
  const short = SHORT[name] === undefined ? '' : `\\-${SHORT[name]}, `
  const value = metavar(option)
  const standard = 'default' in option ? ` (default: ${option.default})` : ''
  return [
    '.TP',
    `.B ${short}\\-\\-${escape(flagOf(name))}${value === '' ? '' : ` \\fI${escape(value)}\\fR`}`,
    escape(`${option.help}${standard} [${variableOf(act, name)}]`),
  ]
}

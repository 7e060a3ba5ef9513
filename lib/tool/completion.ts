/** Shell completion for bash, zsh and fish, from the option tables. */
import { tableOf } from './argv.ts'
import type { AnyAct, Tool } from './define.ts'
import { flagOf, type Option } from './options.ts'

interface Flag {
  readonly flag: string
  readonly help: string
  readonly choices: readonly string[]
  readonly file: boolean
}

const flagsOf = (act: AnyAct): Flag[] => Object.entries(tableOf(act)).map(([name, option]: [string, Option]) => ({
  flag: `--${flagOf(name)}`, help: option.help.replace(/['"`$\\:[\]]/g, ''), choices: option.kind === 'choice' ? option.choices : [], file: option.kind === 'path',
}))

const actsOf = (tool: Tool): readonly AnyAct[] => (tool.kind === 'verbs' ? Object.values(tool.verbs) : [tool])
const verbsOf = (tool: Tool): readonly string[] => (tool.kind === 'verbs' ? Object.keys(tool.verbs) : [])
const distinct = (flags: readonly Flag[]): Flag[] => [...new Map(flags.map((flag) => [flag.flag, flag])).values()]

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export function completionOf(tools: readonly Tool[], shell: Shell): string {
  return { bash, zsh, fish }[shell](tools)
}

function bash(tools: readonly Tool[]): string {
  const short = tools.map(({ name }) => name.replace(/^vanta-/, ''))
  const cases = tools.map((tool) => {
    const firsts = [...verbsOf(tool), ...(tool.kind === 'verbs' && tool.otherwise !== undefined ? short : [])]
    const flags = distinct(actsOf(tool).flatMap(flagsOf))
    const choices = flags.filter(({ choices }) => choices.length > 0).map(({ flag, choices }) => `      ${flag}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return;;`)
    return [`    ${tool.name})`, '      case "$previous" in', ...choices, '      esac', `      words='${[...firsts, ...flags.map(({ flag }) => flag), '--help', '--version'].join(' ')}';;`].join('\n')
  })
  return `# bash completion for vanta
_vanta() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=''
  COMPREPLY=()
  case "\${COMP_WORDS[0]##*/}" in
${cases.join('\n')}
  esac
  if [[ $current == -* || ( $COMP_CWORD -eq 1 && $words != --* ) ]]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _vanta ${tools.map(({ name }) => name).join(' ')}
`
}

function zsh(tools: readonly Tool[]): string {
  const functions = tools.map((tool) => {
    const flags = distinct(actsOf(tool).flatMap(flagsOf)).map(({ flag, help, choices, file }) => `    '${flag}[${help}]${choices.length > 0 ? `:value:(${choices.join(' ')})` : file ? ':file:_files' : ''}'`)
    const verbs = verbsOf(tool)
    return `  ${tool.name}) _arguments \\\n${[...flags, ...(verbs.length > 0 ? [`    '1:verb:(${verbs.join(' ')})'`] : []), "    '*:file:_files'"].join(' \\\n')} ;;`
  })
  return `#compdef ${tools.map(({ name }) => name).join(' ')}\ncase "$service" in\n${functions.join('\n')}\nesac\n`
}

function fish(tools: readonly Tool[]): string {
  const lines = tools.flatMap((tool) => [
    ...verbsOf(tool).map((verb) => `complete -c ${tool.name} -n __fish_use_subcommand -a ${verb}`),
    ...distinct(actsOf(tool).flatMap(flagsOf)).map(({ flag, help, choices }) => `complete -c ${tool.name} -l ${flag.slice(2)} -d '${help}'${choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : ''}`),
  ])
  return `# fish completion for vanta\n${lines.join('\n')}\n`
}

/** Shell completion for bash, zsh and fish, from the option tables. */
import { tableOf } from './argv.ts'
import type { AnyAct, Tool } from './define.ts'
import { flagOf } from './options.ts'
import { actsOf } from './verb.ts'

interface Flag {
  readonly flag: string
  readonly help: string
  readonly choices: readonly string[]
  readonly isFile: boolean
}

/** What can be typed after a tool's name. */
interface Words {
  readonly tool: string
  /** Verbs, and for `vanta` the other tools by their short names. */
  readonly firsts: readonly string[]
  readonly flags: readonly Flag[]
}

function flagsOf(act: AnyAct): Flag[] {
  return Object.entries(tableOf(act)).map(([name, option]) => ({
    flag: `--${flagOf(name)}`,
    // Characters that a shell would take for its own.
    help: option.help.replace(/['"`$\\:[\]]/g, ''),
    choices: option.kind === 'choice' ? option.choices : [],
    isFile: option.kind === 'path',
  }))
}

function wordsOf(tool: Tool, tools: readonly Tool[]): Words {
  const acts = actsOf(tool)
  const verbs = tool.kind === 'verbs' ? Object.keys(tool.verbs) : []
  const others = tool.kind === 'verbs' && tool.otherwise !== undefined ? tools.map(({ name }) => name.replace(/^vanta-/, '')) : []
  const flags = new Map(acts.flatMap(flagsOf).map((flag) => [flag.flag, flag]))
  return { tool: tool.name, firsts: [...verbs, ...others], flags: [...flags.values()] }
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export function completionOf(tools: readonly Tool[], shell: Shell): string {
  return { bash, zsh, fish }[shell](tools.map((tool) => wordsOf(tool, tools)))
}

function bash(tools: readonly Words[]): string {
  return `# bash completion for vanta
_vanta() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=''
  COMPREPLY=()
  case "\${COMP_WORDS[0]##*/}" in
${tools.map(bashCase).join('\n')}
  esac
  if [[ $current == -* || ( $COMP_CWORD -eq 1 && $words != --* ) ]]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _vanta ${tools.map(({ tool }) => tool).join(' ')}
`
}

function bashCase({ tool, firsts, flags }: Words): string {
  const choosing = flags.filter(({ choices }) => choices.length > 0)
  const values = choosing.map(({ flag, choices }) => `${flag}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return;;`)
  const words = [...firsts, ...flags.map(({ flag }) => flag), '--help', '--version'].join(' ')
  return [`    ${tool})`, '      case "$previous" in', ...values.map((line) => `      ${line}`), '      esac', `      words='${words}';;`].join('\n')
}

function zsh(tools: readonly Words[]): string {
  const cases = tools.map(({ tool, firsts, flags }) => {
    const first = firsts.length > 0 ? [`'1:verb:(${firsts.join(' ')})'`] : []
    const lines = [...flags.map(({ flag, help, ...value }) => `'${flag}[${help}]${zshValue(value)}'`), ...first, "'*:file:_files'"]
    return `  ${tool}) _arguments \\\n${lines.map((line) => `    ${line}`).join(' \\\n')} ;;`
  })
  return `#compdef ${tools.map(({ tool }) => tool).join(' ')}\ncase "$service" in\n${cases.join('\n')}\nesac\n`
}

function zshValue({ choices, isFile }: Pick<Flag, 'choices' | 'isFile'>): string {
  if (choices.length > 0) return `:value:(${choices.join(' ')})`
  return isFile ? ':file:_files' : ''
}

function fish(tools: readonly Words[]): string {
  const lines = tools.flatMap(({ tool, firsts, flags }) => [
    ...firsts.map((word) => `complete -c ${tool} -n __fish_use_subcommand -a ${word}`),
    ...flags.map(({ flag, help, choices }) => {
      const values = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : ''
      return `complete -c ${tool} -l ${flag.slice(2)} -d '${help}'${values}`
    }),
  ])
  return `# fish completion for vanta\n${lines.join('\n')}\n`
}

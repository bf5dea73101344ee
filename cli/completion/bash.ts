import type { CompletedCommand, CompletedValue } from './tree.ts'

/** A completion script for bash 3.2 and newer. */
export function bashScript(commands: readonly CompletedCommand[], names: readonly string[]): string {
  return `# bash completion for ${names.join(' and ')}
_kubelet_csr_gate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${commands
        .filter(({ path }) => path.length > 0)
        .map(({ path }) => pattern([path.slice(0, -1).join(' '), path.at(-1) ?? '']))
        .join('|')})
        path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${commands.map(wordCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _kubelet_csr_gate ${names.join(' ')}
`
}

const pattern = (words: readonly string[]): string => `'${words.join(' ')}'`

/** After a flag that takes a value: its choices, or files. Nothing else fits there. */
function valueCases({ path, flags }: CompletedCommand): string[] {
  return flags.flatMap(({ short, long, value }) => {
    if (value === null) return []
    const given = [short, long].flatMap((flag) => (flag === null ? [] : pattern([path.join(' '), flag])))
    return `    ${given.join('|')}) COMPREPLY=($(${compgen(value)} -- "$cur")); return ;;`
  })
}

function compgen({ choices, files }: CompletedValue): string {
  return files ? 'compgen -f' : `compgen -W '${choices.join(' ')}'`
}

function wordCase({ path, subcommands, flags, argument }: CompletedCommand): string {
  const words = [
    ...subcommands.map(({ name }) => name),
    ...argument.choices,
    ...flags.map(({ long }) => long),
  ]
  return `    ${pattern(path)}) words='${words.join(' ')}' ;;`
}

import type { CompletedCommand, CompletedFlag, CompletedValue } from './tree.ts'

/** A completion script for zsh 5, for a folder in $fpath or for \`source\`. */
export function zshScript(commands: readonly CompletedCommand[], names: readonly string[]): string {
  const inner = commands.filter(({ path }) => path.length > 0)
  return `#compdef ${names.join(' ')}
_kubelet_csr_gate() {
  local path_= i
  local -a offers
  for ((i = 2; i < CURRENT; i++)); do
    case "$path_ \${words[i]}" in
      ${inner.map(({ path }) => `'${path.slice(0, -1).join(' ')} ${path.at(-1)}'`).join('|')})
        path_="\${path_:+$path_ }\${words[i]}" ;;
    esac
  done
  case "$path_ \${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$path_" in
${commands.map(offerCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_kubelet_csr_gate" ]; then
  _kubelet_csr_gate "$@"
else
  compdef _kubelet_csr_gate ${names.join(' ')}
fi
`
}

function valueCases({ path, flags }: CompletedCommand): string[] {
  return flags.flatMap(({ short, long, value }) => {
    if (value === null) return []
    const given = [short, long].flatMap((flag) => (flag === null ? [] : `'${path.join(' ')} ${flag}'`))
    return `    ${given.join('|')}) ${offering(value)}; return ;;`
  })
}

function offering({ choices, files }: CompletedValue): string {
  if (files) return '_files'
  return choices.length === 0 ? ':' : `compadd -- ${choices.join(' ')}`
}

function offerCase({ path, subcommands, flags, argument }: CompletedCommand): string {
  const offers = [...subcommands, ...flags.map(offerOf)].map(({ name, about }) => `'${name}:${about}'`)
  const more = argument.files || argument.choices.length > 0 ? `; ${offering(argument)}` : ''
  return `    '${path.join(' ')}') offers=(${offers.join(' ')}); _describe 'command or flag' offers${more} ;;`
}

const offerOf = ({ long, about }: CompletedFlag) => ({ name: long, about: about.replaceAll(':', '\\:') })

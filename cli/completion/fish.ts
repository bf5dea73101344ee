import type { CompletedCommand, CompletedFlag, CompletedValue } from './tree.ts'

/** A completion script for fish 3. */
export function fishScript(commands: readonly CompletedCommand[], names: readonly string[]): string {
  const lines = names.flatMap((name) => commands.flatMap((command) => linesOf(name, command)))
  return `# fish completion for ${names.join(' and ')}\n${lines.join('\n')}\n`
}

function linesOf(name: string, command: CompletedCommand): string[] {
  const begin = `complete -c ${name} -n '${condition(command)}'`
  const { subcommands, flags, argument } = command
  return [
    ...subcommands.map((one) => `${begin} -f -a ${one.name} -d '${one.about}'`),
    ...(argument.choices.length > 0 ? [`${begin} -f -a '${argument.choices.join(' ')}'`] : []),
    ...(argument.files || subcommands.length > 0 ? [] : [`${begin} -f`]),
    ...flags.map((flag) => `${begin} ${flagWords(flag)}`),
  ]
}

function condition({ path, subcommands }: CompletedCommand): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
  const inner = subcommands.map(({ name }) => name).join(' ')
  return [...seen, ...(inner === '' ? [] : [`not __fish_seen_subcommand_from ${inner}`])].join('; and ')
}

function flagWords({ short, long, about, value }: CompletedFlag): string {
  const names = `${short === null ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`
  return `${names}${value === null ? '' : valueWords(value)} -d '${about}'`
}

function valueWords({ choices, files }: CompletedValue): string {
  if (files) return ' -r -F'
  return choices.length === 0 ? ' -x' : ` -x -a '${choices.join(' ')}'`
}

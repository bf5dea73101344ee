import { parseArgs, type ParseArgsConfig } from 'node:util'

/** Reads the arguments of this process. `--help` writes the help and ends it, arguments that are wrong as well. */
export function readArguments<const T extends ParseArgsConfig>(
  help: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${help.trim()}\n`)
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    return refuseArguments(help, error instanceof Error ? error.message : String(error))
  }
}

/** Ends this process with exit code 2, as for arguments that cannot be read. */
export function refuseArguments(help: string, problem: string): never {
  process.stderr.write(`${problem}\n\n${help.trim()}\n`)
  process.exit(2)
}

#!/usr/bin/env node
/** The command line. Only this folder reads argv, the environment and signals, and sets exit codes. */
import { CommanderError } from 'commander'
import { hostname } from 'node:os'
import path from 'node:path'
import project from '../package.json' with { type: 'json' }
import type { Output } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { createProgram } from './program.ts'

/** The listeners stay: without one, a further signal would end the process in the middle of its stop. */
function nextStop(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve)
  return promise
}

/** A closed pipe, as after `| head`, is not a failure. */
const endQuietly = () => process.exit(EXIT.ok)
process.stdout.on('error', endQuietly)

function takeStdout(): typeof process.stdout {
  process.stdout.off('error', endQuietly)
  return process.stdout
}

/** A terminal shows colours unless NO_COLOR is set (no-color.org), or it can show none. */
function outputOn(stream: NodeJS.WriteStream): Output {
  const { NO_COLOR = '', TERM = '' } = process.env
  return {
    columns: stream.isTTY ? stream.columns : null,
    colour: stream.isTTY && NO_COLOR === '' && TERM !== 'dumb',
    write(text) {
      const { promise, resolve } = Promise.withResolvers<void>()
      stream.write(text, () => resolve())
      return promise
    },
  }
}

/** The file that kubectl looks for when it is called as `kubectl csr-gate`. */
const PLUGIN = /^kubectl-csr_gate(?:\.exe)?$/u

function programName(): string {
  const isPlugin = [process.argv[1] ?? '', process.argv0].some((called) => PLUGIN.test(path.basename(called)))
  return isPlugin ? 'kubectl csr-gate' : 'kubelet-csr-gate'
}

async function run(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok
  const stderr = outputOn(process.stderr)
  const program = createProgram({
    program: programName(),
    version: project.version,
    env: process.env,
    hostname: hostname(),
    stdin: process.stdin,
    stdout: outputOn(process.stdout),
    stderr,
    nextStop,
    takeStdout,
    finish(code) {
      exitCode = code
    },
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    await stderr.write(`${program.name()}: ${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT.notSeen
  }
}

// No await at the top: a single executable runs this as CommonJS.
void run(process.argv.slice(2)).then((exitCode) => process.exit(exitCode))

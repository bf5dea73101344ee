import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, Option } from 'commander'
import type { ServeOptions } from '../server/options.ts'
import type { Log } from '../server/ports.ts'
import type { Service } from '../server/wire.ts'
import { createLog } from './log.ts'
import { allFlags, variableOf } from './serve-flags.ts'
import { readServeOptions } from './serve-options.ts'

/** What `serve` needs of the process. */
export interface ServeContext {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: string
  /** Resolves with the name of the next signal that asks to stop. */
  readonly nextStop: () => Promise<string>
  readonly printError: (line: string) => void
  /** Where the log goes. */
  readonly output: Writable
}

/** Exit code for a wrong configuration. Nothing was started. */
export const EXIT_CONFIGURATION = 2
/** Kubernetes kills the pod 30 s after SIGTERM. Shutdown gives up 5 s before that. */
const HARD_STOP_MS = 25_000

/** The `serve` command. `finish` receives the exit code. */
export function serveCommand(context: ServeContext, finish: (exitCode: number) => void): Command {
  const command = new Command('serve').description('run the webhook and the controller')
  for (const flag of allFlags) {
    const option = new Option(`--${flag.name} <${flag.value}>`, `${flag.about} [$${variableOf(flag)}]`)
    command.addOption(option)
    if (flag.initial !== null) option.description += ` (default: ${flag.initial})`
  }
  return command.action(async () => finish(await serve(byFlagName(command), context)))
}

function byFlagName(command: Command): Record<string, string | undefined> {
  const given: Readonly<Record<string, unknown>> = command.opts()
  return Object.fromEntries(
    command.options.map((option) => {
      const value = given[option.attributeName()]
      return [option.long?.slice(2) ?? '', typeof value === 'string' ? value : undefined]
    }),
  )
}

async function serve(
  flags: Readonly<Record<string, string | undefined>>,
  context: ServeContext,
): Promise<number> {
  const { env, hostname, version, printError, output } = context
  const reading = readServeOptions({ flags, env, hostname })
  if (!reading.ok) {
    for (const fault of [...reading.faults, ...(await faultsOfFiles(reading.options))]) printError(fault)
    return EXIT_CONFIGURATION
  }
  const log = createLog(reading.logLevel, output)
  const stop = context.nextStop()
  const { startService } = await import('../server/wire.ts')
  // A signal during the start stops at once: there are no requests to drain yet.
  const started = await Promise.race([startService({ options: reading.options, version, env, log }), stop])
  if (typeof started === 'string') return 0
  if (!started.ok) {
    for (const fault of started.faults) printError(fault)
    return EXIT_CONFIGURATION
  }
  log.info({ version, node: process.version }, 'serving')
  return untilStopped(started.service, { log, context, stop, drainMs: reading.options.drainSeconds * 1_000 })
}

/** The faults of the files that the flags name, so that faults of the flags do not hide them. */
async function faultsOfFiles({ policy, tls }: ServeOptions): Promise<readonly string[]> {
  const { loadPolicy } = await import('../server/policy/load.ts')
  const { loadCertificate } = await import('../server/tls/files.ts')
  const loaded = [
    await loadPolicy(policy),
    ...(tls?.mode === 'files' ? [await loadCertificate(tls, Date.now())] : []),
  ]
  return loaded.flatMap((part) => (part.ok ? [] : part.faults))
}

interface Running {
  readonly log: Log
  readonly context: ServeContext
  /** The first signal. */
  readonly stop: Promise<string>
  readonly drainMs: number
}

/** Keeps serving for `drainMs` after the first signal. A second signal ends the wait at once. */
async function untilStopped(service: Service, { log, context, stop, drainMs }: Running): Promise<number> {
  const signal = await stop
  const deadline = performance.now() + HARD_STOP_MS
  log.info({ signal, drainMs }, 'draining')
  service.drain()
  await Promise.race([pause(drainMs), context.nextStop()])
  const left = Math.max(0, deadline - performance.now())
  const stopped = await Promise.race([service.stop().then(() => true), pause(left).then(() => false)])
  if (stopped) log.info({}, 'stopped')
  else log.error({ withinMs: HARD_STOP_MS }, 'stopped before all work had finished')
  return stopped ? 0 : 1
}

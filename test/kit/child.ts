/** Programs that tests run: short ones to their end, long ones that cannot outlive their parent. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from './until.ts'

export interface Command {
  /** For people: `kube-apiserver`. */
  readonly name: string
  readonly path: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

export interface Child extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** Null while it runs: an exit code, or the signal that ended it. */
  ended(): string | number | null
  /** Resolves once it is gone, however it ended. */
  readonly gone: Promise<void>
  /** The last lines of what it wrote to stdout and stderr. */
  tail(): Promise<string>
  signal(signal: NodeJS.Signals): void
  /** SIGSTOP. Resolves once each of its threads stands still: the signal alone lets one on another CPU go on. */
  pause(): Promise<void>
  /** SIGCONT. */
  resume(): void
  /** SIGTERM, and SIGKILL after `graceMs`. Resolves once it is gone. */
  stop(graceMs?: number): Promise<void>
  /** SIGKILL, of which it hears nothing. Resolves once it is gone. */
  kill(): Promise<void>
}

/**
 * The child is started by a shell that first leaves a guard behind, then becomes the program (exec: same pid, so
 * signals reach the program itself). The guard waits on a pipe that only the parent holds. A line on it means
 * that the program has ended by itself; its end, which the kernel brings about even for SIGKILL, means that the
 * parent is gone: the guard kills the program.
 */
const GUARD = '{ read -r _ <&3 || kill -KILL $$; } >/dev/null 2>&1 & exec 3<&-; exec "$@"'

const TAIL_LINES = 15

/** A signal reaches a thread within a few ms; the rest is for loaded machines. */
const PAUSED_MS = 10_000

export function startChild({ name, path, args, logFile, environment = process.env }: Command): Child {
  const log = openSync(logFile, 'a')
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', path, ...args], {
    stdio: ['ignore', log, log, 'pipe'],
    env: environment,
    // A session of its own: Ctrl-C at the terminal goes to the parent only, which stops its children in order.
    detached: true,
  })
  closeSync(log)
  const { pid } = child
  if (pid === undefined) throw new Error(`${name}: /bin/sh cannot be started`)
  const guard = child.stdio[3]
  if (guard === null || guard === undefined || !('write' in guard))
    throw new Error(`${name}: no pipe to its guard`)
  guard.on('error', () => undefined)
  const exit = once(child, 'exit').then(() => void guard.end('\n'))

  const ended = () => child.exitCode ?? child.signalCode
  const signal = (wanted: NodeJS.Signals) => {
    if (ended() === null) child.kill(wanted)
  }
  const pause = async () => {
    signal('SIGSTOP')
    await until(() => standsStill(pid), `${name} stands still`, PAUSED_MS, 1)
  }
  const resume = () => signal('SIGCONT')
  const stop = async (graceMs = 5_000) => {
    signal('SIGTERM')
    // Wakes it if it was paused, or it could not hear.
    resume()
    await Promise.race([exit, sleep(graceMs, undefined, { ref: false })])
    await kill()
  }
  const kill = async () => {
    signal('SIGKILL')
    await exit
  }
  return {
    name,
    pid,
    ended,
    gone: exit,
    signal,
    pause,
    resume,
    stop,
    kill,
    tail: async () => (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-TAIL_LINES).join('\n'),
    [Symbol.asyncDispose]: () => stop(),
  }
}

/** @see proc_pid_stat(5): the state is the first field after the name, which ends with the last parenthesis. */
async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`)
  const stats = await Promise.all(
    threads.map(async (thread) => await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  )
  return stats.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('T'))
}

export interface Finished {
  /** The exit code; 124 after a time-out, 127 when the program could not be started. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  /** Beside our own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Default 60 s: nothing may hang longer without saying so. */
  readonly timeoutMs?: number
}

/** 16 MiB: a CSR is 3 KiB in JSON, and a rollout under load leaves about 2,000 of them to list. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

/** Runs a program to its end, however it ends. */
export function attempt(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program = '', ...rest] = argv
  return new Promise((resolve) => {
    const child = execFile(
      program,
      rest,
      {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        timeout: options.timeoutMs ?? 60_000,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
      },
      (error, stdout, stderr) =>
        resolve({ code: exitCode(error), stdout, stderr: stderr || (error?.message ?? '') }),
    )
    child.stdin?.on('error', () => undefined) // a program may end without reading its input: its exit code tells
    child.stdin?.end(options.input ?? '')
  })
}

function exitCode(error: (Error & { code?: unknown; killed?: boolean }) | null): number {
  if (error === null) return 0
  if (error.killed === true) return 124
  return typeof error.code === 'number' ? error.code : 127
}

/** Runs a program that must succeed; returns its stdout. Throws with the command and what it said. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const finished = await attempt(argv, options)
  if (finished.code !== 0) throw new Error(`${inShort(argv)} ended with ${finished.code}: ${said(finished)}`)
  return finished.stdout
}

/** The command as a person would type it, without the nsenter in front. */
function inShort(argv: readonly string[]): string {
  return argv
    .slice(argv[0] === 'nsenter' ? argv.indexOf('--') + 1 : 0)
    .join(' ')
    .slice(0, 300)
}

/** Enough for a stack of Node or a usage text; what says more buries the cause. */
const MAX_LINES_TOLD = 30

function said({ stdout, stderr }: Finished): string {
  return (stderr.trim() || stdout.trim()).split('\n').slice(0, MAX_LINES_TOLD).join('\n')
}

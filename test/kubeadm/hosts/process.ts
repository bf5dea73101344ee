/** Programs this harness runs: short ones that are awaited, long ones that end with it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { open } from 'node:fs/promises'

export interface Finished {
  /** The exit code; 124 after a time-out, 127 when the program could not be started. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Default 60 s: nothing in this test may hang longer without saying so. */
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

/** Starts a program whose output goes to a file; the kernel kills it when this process dies, however it dies. */
export async function startDaemon(argv: readonly string[], logFile: string): Promise<ChildProcess> {
  const log = await open(logFile, 'a')
  try {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
      stdio: ['ignore', log.fd, log.fd],
    })
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    return child
  } finally {
    await log.close()
  }
}

/** Kills a process started here and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

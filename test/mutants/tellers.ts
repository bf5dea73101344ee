/** What may tell a change: tests beside the source, the model, or a program. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setInterval as ticks } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { attempt } from '../kit/child.ts'
import { temporaryDirectory } from '../kit/directory.ts'
import { testFiles } from '../suites.ts'
import { type Change, root } from './change.ts'
import { dependentsOf } from './imports.ts'
import type { Run, Told } from './worker.ts'

/** By what begins the path of what is changed. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  'policies/': [
    'policies/**/*.test.ts',
    'server/judge*.test.ts',
    'server/policy/*.test.ts',
    'test/reason-codes.test.ts',
  ],
  'server/pkcs10/': ['server/{der,pkcs10}/*.test.ts', 'test/suite/requests.test.ts'],
  'server/der/': ['server/{der,pkcs10}/*.test.ts', 'test/suite/requests.test.ts'],
  'server/': [
    'server/judge*.test.ts',
    'server/facts/{arrivals,claims,holdings,stored-requests}.test.ts',
    'server/ledger/*.test.ts',
    'server/probe/{prober,reach,results}.test.ts',
  ],
}
/** A change may make a run go on for ever. Seconds of the processor, so that a busy machine looks like no such run. */
const RUN_CPU_S = 60
/** It may also wait for what never comes. */
const RUN_MS = 300_000
const LOOK_MS = 1_000
/** A worker keeps all that it loaded. */
const RUNS_OF_WORKER = 60
const FOR_EVER = new Error('runs on for ever')
const PROGRAM_MS = 600_000
const PRELOADED = join(import.meta.dirname, 'preload.ts')

export class Tellers implements AsyncDisposable {
  #worker: Worker | undefined
  #runs = 0
  /** Files of tests, and whether they pass on unchanged source here. */
  readonly #pass = new Map<string, boolean>()

  /** The first test that fails, the nearest first; empty where none does, null where the change changes nothing that runs. */
  async byTests(change: Change): Promise<string | null> {
    for (;;) {
      const tests = testsOf(change.file).filter((file) => this.#pass.get(file) !== false)
      const { told, file } = await this.#run(change, tests)
      if (told === null || told === '' || file === '' || (await this.#passes(file)))
        return told && `test: ${told}`
    }
  }

  async byModel(change: Change, transitions: number): Promise<string | null> {
    return (await this.#run(change, transitions)).told
  }

  /** Whether a program of ours ends as it must not. */
  async byProgram(change: Change, argv: readonly string[]): Promise<string> {
    await using folder = await temporaryDirectory('mutant')
    const changed = join(folder.path, 'change.json')
    await writeFile(changed, JSON.stringify({ file: join(root, change.file), source: change.source }))
    const env = { NODE_OPTIONS: `--import=${PRELOADED}`, CHANGED_SOURCE: changed }
    const ran = await attempt([process.execPath, ...argv], { cwd: root, env, timeoutMs: PROGRAM_MS })
    if (ran.code === 0) return ''
    const said = /(?<=^not ok \d+ - ).*$|^disagreement.*$/mu.exec(ran.stdout)?.[0]
    return said ?? ran.stderr.trim().split('\n', 1)[0] ?? `exit code ${ran.code}`
  }

  /** Some need a process of their own. They do not count. */
  async #passes(file: string): Promise<boolean> {
    const known = this.#pass.get(file)
    if (known !== undefined) return known
    // A comment is a change that nothing tells.
    const source = `${readFileSync(join(root, file), 'utf8')}\nvoid 0\n`
    const { told } = await this.#run({ file, source }, [file])
    if (told !== '') process.stderr.write(`left out, since it fails on unchanged source: ${file}: ${told}\n`)
    this.#pass.set(file, told === '')
    return told === ''
  }

  async #run({ file, source }: Pick<Change, 'file' | 'source'>, by: Run['by']): Promise<Told> {
    this.#runs += 1
    if (this.#runs % RUNS_OF_WORKER === 0) await this.#end()
    const worker = (this.#worker ??= await startWorker())
    const dependents = [...dependentsOf(file).keys()]
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    worker.postMessage({ number: this.#runs, file, source, dependents, by } satisfies Run)
    const over = new AbortController()
    try {
      return await Promise.race([answerOf(worker, over.signal), tooLong(worker, over.signal)])
    } catch (error) {
      await this.#end()
      if (error !== FOR_EVER) throw error
      return { told: FOR_EVER.message, file: '' }
    } finally {
      over.abort()
    }
  }

  async #end(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
  }
}

async function startWorker(): Promise<Worker> {
  const worker = new Worker(join(import.meta.dirname, 'worker.ts'), { stdout: true, stderr: true })
  await once(worker, 'online')
  return worker
}

async function answerOf(worker: Worker, signal: AbortSignal): Promise<Told> {
  const [told]: Told[] = await once(worker, 'message', { signal })
  return told ?? { told: '', file: '' }
}

/** Rejects. */
async function tooLong(worker: Worker, signal: AbortSignal): Promise<never> {
  const begun = performance.now()
  const before = await worker.cpuUsage()
  for await (const _tick of ticks(LOOK_MS, undefined, { signal })) {
    const { user, system } = await worker.cpuUsage(before)
    if (user + system > RUN_CPU_S * 1e6 || performance.now() - begun > RUN_MS) break
  }
  throw FOR_EVER
}

/** The nearest first. */
function testsOf(changed: string): readonly string[] {
  const dependents = dependentsOf(changed)
  const [, patterns = []] = Object.entries(TESTS).find(([begins]) => changed.startsWith(begins)) ?? []
  return testFiles(root, patterns)
    .filter((file) => dependents.has(file))
    .toSorted((one, other) => (dependents.get(one) ?? 0) - (dependents.get(other) ?? 0))
}

/**
 * The worker of `main.ts`: runs tests, or the model, on changed source. For each change the changed file and what imports it are loaded
 * anew, with the number of the run in their URLs; all else is loaded once.
 */
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parentPort } from 'node:worker_threads'
import type * as FirstFinding from '../model/first-finding.ts'
import { root as rootPath } from './change.ts'
import { firstFailing } from './collected-tests.ts'

export interface Run {
  /** Of no other run. */
  readonly number: number
  readonly file: string
  readonly source: string
  /** The file, and all that imports it. */
  readonly dependents: readonly string[]
  /** Files of tests, up to the first that fails; or transitions of the model in each world. */
  readonly by: readonly string[] | number
}

/** `told` is empty where nothing noticed; `null` where the change changes nothing that runs. */
export interface Told {
  readonly told: string | null
  /** Of tests: the file of the one that fails. */
  readonly file: string
}

const root = `${pathToFileURL(rootPath).href}/`
const NUMBERED = /\?run=\d+$/u
const unchanged = new Map<string, string>()
let changed: { readonly url: string; readonly source: string } | undefined
let anew: ReadonlySet<string> = new Set()

registerHooks({
  resolve(specifier, context, next) {
    const [number] = NUMBERED.exec(context.parentURL ?? '') ?? []
    if (number !== undefined && specifier === 'node:test')
      return { url: `${root}test/mutants/collected-tests.ts`, shortCircuit: true }
    const found = next(specifier, context)
    return number === undefined || !anew.has(found.url)
      ? found
      : { ...found, url: found.url + number, format: 'module' }
  },
  load(url, context, next) {
    if (!NUMBERED.test(url)) return next(url, context)
    return { format: 'module', source: sourceOf(url.replace(NUMBERED, '')), shortCircuit: true }
  },
})

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
parentPort?.on('message', (run: Run) => void find(run).then((told) => parentPort?.postMessage(told)))
// What a changed source leaves behind is no finding.
process.on('uncaughtException', () => undefined)

async function find({ number, file, source, dependents, by }: Run): Promise<Told> {
  const url = root + file
  const stripped = strippedOf(source)
  if (stripped === null || packed(stripped) === packed(sourceOf(url))) return { told: null, file: '' }
  changed = { url, source: stripped }
  anew = new Set(dependents.map((dependent) => root + dependent))
  try {
    if (typeof by === 'number') return { told: await byModel(number, by), file: '' }
    for (const tests of by) {
      const told = await byTests(number, tests)
      if (told !== '') return { told, file: tests }
    }
    return { told: '', file: '' }
  } finally {
    changed = undefined
  }
}

async function byModel(number: number, transitions: number): Promise<string> {
  try {
    const model: typeof FirstFinding = await import(`${root}test/model/first-finding.ts?run=${number}`)
    return await model.firstFinding(transitions)
  } catch (error) {
    return inShort(error)
  }
}

async function byTests(number: number, tests: string): Promise<string> {
  try {
    await import(`${root}${tests}?run=${number}`)
  } catch (error) {
    await firstFailing().catch(() => null)
    return inShort(error)
  }
  return (await firstFailing()) ?? ''
}

function inShort(error: unknown): string {
  return String(error).split('\n', 1)[0] ?? ''
}

/** Types leave white space behind. */
function packed(source: string): string {
  return source.replaceAll(/\s+/gu, '')
}

/** Null where it is no TypeScript. */
function strippedOf(source: string): string | null {
  try {
    return stripTypeScriptTypes(source)
  } catch {
    return null
  }
}

function sourceOf(url: string): string {
  if (changed?.url === url) return changed.source
  const source = unchanged.get(url) ?? stripTypeScriptTypes(readFileSync(new URL(url), 'utf8'))
  unchanged.set(url, source)
  return source
}

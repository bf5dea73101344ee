/**
 * The worker of `mutants.ts`: runs the model on changed source. For each change the model and the product are loaded anew, with the
 * number of the change in their URLs; all else is loaded once.
 */
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort } from 'node:worker_threads'
import type * as FirstFinding from './first-finding.ts'
import { type Mutation, withLine } from './mutations.ts'

/** One run of the model. */
export interface Run extends Pick<Mutation, 'file' | 'line' | 'after'> {
  /** Of no other run. */
  readonly number: number
  readonly transitions: number
}

const root = pathToFileURL(join(import.meta.dirname, '..', '..', '/')).href
const NUMBERED = /\?run=\d+$/u
const unchanged = new Map<string, string>()
let changed: { readonly url: string; readonly source: string } | undefined

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const [number] = NUMBERED.exec(context.parentURL ?? '') ?? []
    const isOurs = found.url.startsWith(root) && found.url.endsWith('.ts')
    return number === undefined || !isOurs ? found : { ...found, url: found.url + number, format: 'module' }
  },
  load(url, context, next) {
    if (!NUMBERED.test(url)) return next(url, context)
    return { format: 'module', source: sourceOf(url.replace(NUMBERED, '')), shortCircuit: true }
  },
})

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
parentPort?.on('message', (run: Run) => void find(run).then((found) => parentPort?.postMessage(found)))

async function find({ number, file, line, after, transitions }: Run): Promise<string> {
  const url = root + file
  changed = {
    url,
    source: stripTypeScriptTypes(withLine(readFileSync(new URL(url), 'utf8'), { line, after })),
  }
  try {
    const model: typeof FirstFinding = await import(`${root}test/model/first-finding.ts?run=${number}`)
    return await model.firstFinding(transitions)
  } catch (error) {
    return String(error).split('\n', 1)[0] ?? ''
  }
}

function sourceOf(url: string): string {
  if (changed?.url === url) return changed.source
  const source = unchanged.get(url) ?? stripTypeScriptTypes(readFileSync(new URL(url), 'utf8'))
  unchanged.set(url, source)
  return source
}

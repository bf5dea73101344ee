import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { goJson } from './go-json.ts'
import { Refusal } from './refusal.ts'
import type { Matches } from './selectors.ts'

interface Metadata {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
}
export type Stored = JsonObject & { readonly metadata: Metadata & JsonObject }
export type Named = JsonObject & { readonly metadata: JsonObject & { readonly name: string } }

/** What happened to one object: `before` is absent for a new one, `after` for one that is gone. */
export interface Change {
  readonly version: number
  readonly before?: Stored
  readonly after?: Stored
}

interface Watcher {
  readonly response: ServerResponse
  readonly namespace: string
  readonly matches: Matches
  readonly bookmarks: boolean
}

/** The version of the whole server: the present one, or the next. */
export type Version = (step: 0 | 1) => number

export interface WatchOptions {
  /** `''` for all namespaces. */
  readonly namespace: string
  readonly matches: Matches
  /** The version to begin after; 0 begins with what there is. */
  readonly from: number
  readonly seconds: number
  readonly bookmarks: boolean
}

const BOOKMARK_MS = 60_000

/** One resource, as etcd and the watch cache keep it: its objects of all namespaces, its changes, and who watches. */
export class Collection {
  readonly objects = new Map<string, Stored>()
  /** A watch from an earlier version is answered 410. */
  compactedAt = 0
  readonly #version: Version
  readonly #type: { readonly apiVersion: string; readonly kind: string }
  #changes: Change[] = []
  readonly #watchers = new Set<Watcher>()
  readonly #listeners = new Set<(change: Change) => void>()

  constructor(version: Version, type: { readonly apiVersion: string; readonly kind: string }) {
    this.#version = version
    this.#type = type
  }

  get version(): number {
    return this.#version(0)
  }

  get watchers(): number {
    return this.#watchers.size
  }

  get(namespace: string, name: string): Stored | undefined {
    return this.objects.get(keyOf(namespace, name))
  }

  /** In the order of their keys, as etcd has them. */
  list(namespace: string, matches: Matches): readonly Stored[] {
    const prefix = namespace === '' ? '' : keyOf(namespace, '')
    return [...this.objects]
      .filter(([key, object]) => key.startsWith(prefix) && matches(object))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, object]) => object)
  }

  /** Creates or replaces, whatever it is. `silently`: no watch gets the event, as if it were lost. */
  put(object: Named, silently = false): Stored {
    const key = keyFor(object)
    const before = this.objects.get(key)
    const version = this.#version(1)
    const { name, generateName, namespace, ...rest } = object.metadata
    // In the order in which Go writes an object: a reader may stop before its end.
    const after: Stored = {
      kind: this.#type.kind,
      apiVersion: this.#type.apiVersion,
      metadata: {
        name,
        ...(generateName !== undefined && { generateName }),
        ...(namespace !== undefined && { namespace }),
        uid: before?.metadata.uid ?? randomUUID(),
        creationTimestamp: before?.metadata['creationTimestamp'] ?? secondsOf(new Date()),
        ...rest,
        resourceVersion: String(version),
      },
      ...without(object, 'kind', 'apiVersion', 'metadata'),
    }
    this.objects.set(key, after)
    this.#note({ version, ...(before && { before }), after }, silently)
    return after
  }

  remove(name: string, namespace = '', silently = false): void {
    const key = keyOf(namespace, name)
    const known = this.objects.get(key)
    if (known === undefined) return
    this.objects.delete(key)
    const version = this.#version(1)
    const before = { ...known, metadata: { ...known.metadata, resourceVersion: String(version) } }
    this.#note({ version, before }, silently)
  }

  /** Calls back, in this process, after each change. */
  subscribe(listener: (change: Change) => void): void {
    this.#listeners.add(listener)
  }

  /** To each watch that asked for bookmarks. */
  bookmark(): void {
    for (const watcher of this.#watchers) this.#sendBookmark(watcher)
  }

  /** Events that a backup did not have. */
  forgetAfter(version: number): void {
    this.#changes = this.#changes.filter((change) => change.version <= version)
  }

  compact(): void {
    this.#changes = []
    this.compactedAt = this.version
  }

  /** Sends a line, of whatever kind, to all who watch. */
  say(line: string): void {
    for (const { response } of this.#watchers) response.write(`${line}\n`)
  }

  /** Ends all watches: cleanly, or as a broken connection does. */
  end(how: 'closed' | 'cut'): void {
    for (const { response } of this.#watchers) {
      if (how === 'closed') response.end()
      else response.destroy()
    }
    this.#watchers.clear()
  }

  watch(response: ServerResponse, { from, seconds, ...asked }: WatchOptions): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (from !== 0 && from < this.compactedAt) {
      const { status } = new Refusal(
        410,
        'Expired',
        `too old resource version: ${from} (${this.compactedAt})`,
      )
      response.end(`${goJson({ type: 'ERROR', object: status })}\n`)
      return
    }
    const watcher = { response, ...asked }
    const earlier =
      from === 0
        ? this.list(asked.namespace, asked.matches).map((after) => ({ version: 0, after }))
        : this.#changes.filter(({ version }) => version > from)
    for (const change of earlier) tell(watcher, change)
    this.#watchers.add(watcher)
    const bookmarking = setInterval(() => this.#sendBookmark(watcher), BOOKMARK_MS)
    const ending = setTimeout(() => response.end(), seconds * 1_000)
    response.on('close', () => {
      clearInterval(bookmarking)
      clearTimeout(ending)
      this.#watchers.delete(watcher)
    })
  }

  #sendBookmark({ response, bookmarks }: Watcher): void {
    if (!bookmarks) return
    const metadata = { resourceVersion: String(this.version), creationTimestamp: null }
    response.write(`${goJson({ type: 'BOOKMARK', object: { ...this.#type, metadata } })}\n`)
  }

  #note(change: Change, silently: boolean): void {
    if (silently) return
    this.#changes.push(change)
    for (const watcher of this.#watchers) tell(watcher, change)
    for (const listener of this.#listeners) listener(change)
  }
}

/** Tells one watch, which sees an object come and go as it begins and ceases to be selected. */
function tell({ response, namespace, matches }: Watcher, { before, after }: Change): void {
  const isSelected = (object: Stored | undefined) =>
    object !== undefined && (namespace === '' || namespaceOf(object) === namespace) && matches(object)
  const [was, is] = [isSelected(before), isSelected(after)]
  if (!was && !is) return
  const type = is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED'
  const object = is ? after : lastOf(before, after)
  response.write(`${goJson({ type, object })}\n`)
}

/** An object that is no longer selected, with the version at which it ceased to be. */
function lastOf(before: Stored | undefined, after: Stored | undefined): JsonObject {
  if (after === undefined || before === undefined) return before ?? {}
  const { resourceVersion } = after.metadata
  return { ...before, metadata: { ...before.metadata, resourceVersion } }
}

function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

/** As metav1.Time is written. */
export function secondsOf(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/u, 'Z')
}

export function namespaceOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'namespace')
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

function keyFor(object: Named): string {
  return keyOf(namespaceOf(object), object.metadata.name)
}

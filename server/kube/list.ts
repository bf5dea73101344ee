import { forEachChunk } from '../in-turns.ts'
import { objectAt, textAt } from '../json.ts'
import type { Json, JsonObject } from '../ports.ts'
import { type Refusal, unanswered } from './api-answer.ts'
import { type Item, ListSplitter } from './items.ts'
import type { ObjectStore } from './store.ts'
import type { Cluster } from './transport.ts'

/** What is asked for. */
export interface Listing {
  readonly path: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

/**
 * Where a group version lists its resources, or a group its versions. A 404 for a list is an answer only if discovery confirms
 * it; any other 404 is a failure, since a proxy may have sent it.
 */
export type Discovery =
  | { readonly path: string; readonly resource: string }
  | { readonly path: string; readonly version: string }

export interface ListCall extends Listing {
  readonly cluster: Pick<Cluster, 'open' | 'call'>
  /** For a resource that a server may lack. */
  readonly discovery?: Discovery
  readonly signal: AbortSignal
  /** The version from which a watch misses nothing that this list does not show. */
  readonly firstPage: (resourceVersion: string) => void
  /** Resolves when the page may be asked for again. */
  readonly pageFailed: (why: Refusal, failures: number) => Promise<void>
}

/** A continue token dies with an etcd compaction, every five minutes. */
const BEGINNINGS_MAX = 6

/**
 * Reads a whole list into a store, in place. `absent`: the server has no such resource.
 * @returns a refusal when the first page could not be read, or when tokens expire again and again
 */
export async function listInto<T>(
  store: ObjectStore<T>,
  call: ListCall,
): Promise<'complete' | 'absent' | Refusal> {
  for (let beginning = 1; ; beginning += 1) {
    const listed = await listOnce(store, call)
    const expired = typeof listed === 'object' && listed.status === 410
    if (!expired || beginning === BEGINNINGS_MAX) return listed
  }
}

async function listOnce<T>(store: ObjectStore<T>, call: ListCall): Promise<'complete' | 'absent' | Refusal> {
  const found = (item: Item): void => store.addListed(item)
  store.beginList()
  let version = ''
  for (let token = '', failures = 0; ; ) {
    const page = await readPage(call.cluster, call, token, { signal: call.signal, found })
    if (page.ok) {
      failures = 0
      if (token === '') call.firstPage((version = page.resourceVersion))
      token = page.next
      if (token === '') break
    } else if (page.status === 404 && (await isAbsent(call))) return 'absent'
    // Once a list has begun, a page is asked for again by its token: what was read stays read.
    else if (token === '' || page.status === 410 || call.signal.aborted) return page
    else await call.pageFailed(page, (failures += 1))
  }
  await store.endList(version)
  return 'complete'
}

async function isAbsent({ discovery, cluster, signal }: ListCall): Promise<boolean> {
  if (discovery === undefined) return false
  const answer = await cluster.call({ method: 'GET', path: discovery.path, signal })
  if (!answer.ok) return false
  return 'resource' in discovery
    ? lacks(answer.object, 'APIResourceList', 'resources', { name: discovery.resource })
    : lacks(answer.object, 'APIGroup', 'versions', { version: discovery.version })
}

/** Whether an answer of discovery is of that kind, and nothing in its list is what is looked for. */
function lacks(
  answer: JsonObject,
  kind: string,
  list: string,
  sought: Readonly<Record<string, string>>,
): boolean {
  const found: unknown = answer[list]
  const isSought = (one: Json) => Object.entries(sought).every(([key, value]) => objectAt(one)[key] === value)
  return answer['kind'] === kind && Array.isArray(found) && !found.some(isSought)
}

/** One page that was read to its end. */
export type Page =
  | {
      readonly ok: true
      readonly resourceVersion: string
      /** The token of the next page; empty after the last. */
      readonly next: string
    }
  | Refusal

/** 7 MB of Nodes at 14 KB each, of which no more than one is held at a time. */
const PAGE_OBJECTS = 500
/** From the request to the last byte: a page takes the API server tens of milliseconds, a slow network seconds. */
const PAGE_MS = 30_000

/**
 * Reads one page and passes on each object as soon as it is there.
 * @param token empty for the first page
 */
export async function readPage(
  cluster: Pick<Cluster, 'open'>,
  listing: Listing,
  token: string,
  { signal, found }: { readonly signal: AbortSignal; readonly found: (item: Item) => void },
): Promise<Page> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(PAGE_MS)])
  const opened = await cluster.open({ path: pagePath(listing, token), signal: limited })
  if (!opened.ok) return opened
  const splitter = new ListSplitter(found)
  try {
    await forEachChunk(opened.body, (chunk) => {
      splitter.push(chunk)
      return true
    })
  } catch (error) {
    return opened.body.errored === error ? unanswered(error) : unreadable(unanswered(error).message)
  }
  const list = splitter.end()
  if (list === undefined) return unreadable('the list is cut off or is not JSON')
  const metadata = objectAt(list, 'metadata')
  const resourceVersion = textAt(metadata, 'resourceVersion')
  if (resourceVersion === '' || !textAt(list, 'kind').endsWith('List')) {
    return unreadable('the answer is not a Kubernetes list')
  }
  return { ok: true, resourceVersion, next: textAt(metadata, 'continue') }
}

function pagePath({ path, fieldSelector, labelSelector }: Listing, token: string): string {
  const query = new URLSearchParams({ limit: String(PAGE_OBJECTS) })
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  if (labelSelector !== undefined) query.set('labelSelector', labelSelector)
  if (token !== '') query.set('continue', token)
  return `${path}?${query.toString()}`
}

function unreadable(message: string): Refusal {
  return { ok: false, status: 200, reason: 'Unreadable', message, retryAfterMs: null }
}

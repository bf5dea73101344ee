import { isObject, objectAt, textAt } from '../json.ts'
import type { Api, ApiAnswer, JsonObject } from '../ports.ts'
import { OBJECT_MAX_BYTES, type Refusal } from './answer.ts'

/** What is asked for. */
export interface Listing {
  readonly path: string
  readonly fieldSelector: string | undefined
}

/** What a list is read into, object by object. */
interface Sink {
  add(object: JsonObject): void
}

export type Listed<T> = { readonly ok: true; readonly resourceVersion: string; readonly read: T } | Refusal

/** 5 MB of Nodes at 25 KB each. client-go's 500 would be 12 MB, and five times that once parsed. */
const PAGE_OBJECTS = 200
/** Four million objects; the API server itself is no longer well then. */
const PAGES_MAX = 20_000
/** A continue token dies with an etcd compaction, every five minutes. */
const BEGINNINGS_MAX = 6

/**
 * Reads a whole list page by page, reducing each object at once so that no page outlives its turn.
 * @param begin makes what the list is read into; asked again when it has to be read from its beginning
 */
export async function listAll<T extends Sink>(
  api: Api,
  listing: Listing,
  signal: AbortSignal,
  begin: () => T,
): Promise<Listed<T>> {
  let listed = await listOnce(api, listing, signal, begin())
  for (let beginnings = 1; beginnings < BEGINNINGS_MAX && isExpired(listed); beginnings += 1) {
    listed = await listOnce(api, listing, signal, begin())
  }
  return listed
}

function isExpired(listed: Listed<unknown>): boolean {
  return !listed.ok && listed.status === 410
}

/**
 * A page too large for us is asked for again in smaller ones, down to one object, and the pages after it grow again:
 * one node may make its own Node 9 MiB large, which must neither end the list nor make a thousand pages of the rest.
 */
async function listOnce<T extends Sink>(
  api: Api,
  listing: Listing,
  signal: AbortSignal,
  read: T,
): Promise<Listed<T>> {
  let next = ''
  let limit = PAGE_OBJECTS
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await readPage(api, pagePath(listing, next, limit), limit, signal)
    if (!answer.ok && (answer.reason !== 'TooLarge' || limit === 1)) return answer
    if (!answer.ok) {
      limit = Math.floor(limit / 4) || 1
      continue
    }
    const { metadata, items: objects } = pageOf(answer.object)
    if (metadata.resourceVersion === '') return refusal('the list has no resourceVersion')
    for (const object of objects) read.add(object)
    next = metadata.next
    if (next === '') return { ok: true, resourceVersion: metadata.resourceVersion, read }
    limit = Math.min(limit * 2, PAGE_OBJECTS)
  }
  return refusal(`the list does not end after ${PAGES_MAX} pages`)
}

/** A page of several objects has the usual bound: an object more costs less than parsing all of them at once. */
function readPage(api: Api, path: string, limit: number, signal: AbortSignal): Promise<ApiAnswer> {
  const answerMaxBytes = limit === 1 ? { answerMaxBytes: OBJECT_MAX_BYTES } : {}
  return api.call({ method: 'GET', path, signal, ...answerMaxBytes })
}

function pagePath({ path, fieldSelector }: Listing, next: string, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) })
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  if (next !== '') query.set('continue', next)
  return `${path}?${query.toString()}`
}

function pageOf(list: JsonObject): {
  readonly metadata: { readonly resourceVersion: string; readonly next: string }
  readonly items: readonly JsonObject[]
} {
  const metadata = objectAt(list, 'metadata')
  const items: readonly unknown[] = Array.isArray(list['items']) ? list['items'] : []
  return {
    metadata: { resourceVersion: textAt(metadata, 'resourceVersion'), next: textAt(metadata, 'continue') },
    items: items.filter(isObject),
  }
}

function refusal(message: string): Refusal {
  return { ok: false, status: 200, reason: 'Unreadable', message, retryAfterMs: null }
}

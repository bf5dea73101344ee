import type { Api, JsonObject } from '../ports.ts'
import type { Refusal } from './answer.ts'

/** What is asked for, and how many objects a page may hold. */
export interface Listing {
  readonly path: string
  readonly fieldSelector: string | undefined
  /** Reduced by {@link listAll} when a page was too large for us, for later lists too. */
  pageObjects: number
}

export type Listed<T> =
  | { readonly ok: true; readonly resourceVersion: string; readonly items: readonly T[] }
  | Refusal

/** 5 MB of Nodes at 25 KB each. client-go's 500 would be 12 MB, and five times that once parsed. */
export const PAGE_OBJECTS = 200
/** A million objects; the API server itself is no longer well then. */
const PAGES_MAX = 5_000
/** 200, 50, 12, 3, 1, and one beginning more for a continue token that expired. */
const BEGINNINGS_MAX = 6

/** Reads a whole list page by page, reducing each object at once so that no page outlives its turn. */
export async function listAll<T>(
  api: Api,
  listing: Listing,
  signal: AbortSignal,
  reduce: (object: JsonObject) => T,
): Promise<Listed<T>> {
  let listed = await listOnce(api, listing, signal, reduce)
  for (let beginnings = 1; beginnings < BEGINNINGS_MAX && mayBeginAgain(listed, listing); beginnings += 1) {
    listed = await listOnce(api, listing, signal, reduce)
  }
  return listed
}

/** A continue token dies with an etcd compaction (410); a page too large for us is asked for in smaller ones. */
function mayBeginAgain(listed: Listed<unknown>, listing: Listing): boolean {
  if (listed.ok) return false
  if (listed.reason === 'TooLarge' && listing.pageObjects > 1) {
    listing.pageObjects = Math.floor(listing.pageObjects / 4) || 1
    return true
  }
  return listed.status === 410
}

async function listOnce<T>(
  api: Api,
  listing: Listing,
  signal: AbortSignal,
  reduce: (object: JsonObject) => T,
): Promise<Listed<T>> {
  const items: T[] = []
  let next = ''
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await api.request({ method: 'GET', path: pagePath(listing, next), signal })
    if (!answer.ok) return answer
    const { metadata, items: objects } = readPage(answer.object)
    if (metadata.resourceVersion === '') return refusal('the list has no resourceVersion')
    for (const object of objects) items.push(reduce(object))
    next = metadata.next
    if (next === '') return { ok: true, resourceVersion: metadata.resourceVersion, items }
  }
  return refusal(`the list does not end after ${PAGES_MAX} pages`)
}

function pagePath({ path, fieldSelector, pageObjects }: Listing, next: string): string {
  const query = new URLSearchParams({ limit: String(pageObjects) })
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  if (next !== '') query.set('continue', next)
  return `${path}?${query.toString()}`
}

function readPage(list: JsonObject): {
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

export function objectAt(object: JsonObject, key: string): JsonObject {
  const value: unknown = object[key]
  return isObject(value) ? value : {}
}

export function textAt(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refusal(message: string): Refusal {
  return { ok: false, status: 200, reason: 'Unreadable', message, retryAfterMs: null }
}

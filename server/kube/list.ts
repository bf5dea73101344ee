import { objectAt, textAt } from '../json.ts'
import type { Refusal } from './answer.ts'
import { type Item, ListSplitter } from './items.ts'
import { unanswered } from './answer.ts'
import type { Cluster } from './transport.ts'

/** What is asked for. */
export interface Listing {
  readonly path: string
  readonly fieldSelector: string | undefined
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
    for await (const chunk of opened.body as AsyncIterable<Buffer>) splitter.push(chunk)
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

function pagePath({ path, fieldSelector }: Listing, token: string): string {
  const query = new URLSearchParams({ limit: String(PAGE_OBJECTS) })
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  if (token !== '') query.set('continue', token)
  return `${path}?${query.toString()}`
}

function unreadable(message: string): Refusal {
  return { ok: false, status: 200, reason: 'Unreadable', message, retryAfterMs: null }
}

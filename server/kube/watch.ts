import type { JsonObject } from '../ports.ts'
import { parseObject, type Refusal } from './answer.ts'
import { readLines } from './lines.ts'
import { objectAt, textAt } from '../json.ts'
import type { Cluster } from './transport.ts'
import { unanswered } from './unanswered.ts'

/** One line of a watch that tells of an object. */
interface WatchEvent {
  readonly deleted: boolean
  readonly object: JsonObject
}

/**
 * How a watch ended. `closed`: by the server, cleanly or cut off; go on from the last resourceVersion.
 * `expired`: that version is gone, list again. `silent`: dead, component-open, or a version from the future of a
 * restored etcd. `relist`: it was time to. `refused`: it did not open, or spoke nonsense.
 */
export type WatchEnd =
  | { readonly end: 'closed' | 'expired' | 'silent' | 'relist' | 'stopped' }
  | { readonly end: 'refused'; readonly why: Refusal }

export interface WatchCall {
  readonly cluster: Pick<Cluster, 'open'>
  readonly path: string
  readonly fieldSelector: string | undefined
  /** After this the server ends the watch, with a bookmark about 2 s before. */
  readonly timeoutSeconds: number
  /** With bookmarks about each 60 s, silence for longer than this is a fault. */
  readonly silenceMs: number
  /** When to end it for a fresh list. */
  readonly relistMs: number
  readonly stop: AbortSignal
  /** An event, or null for a bookmark, with the resourceVersion that it brings. */
  readonly heard: (event: WatchEvent | null, resourceVersion: string) => void
}

/** Follows the changes since `resourceVersion` until the watch ends, however it does. */
export async function watchFrom(call: WatchCall, resourceVersion: string): Promise<WatchEnd> {
  // An aborted signal raises no event any more.
  if (call.stop.aborted) return { end: 'stopped' }
  const abort = new AbortController()
  let end: WatchEnd['end'] | undefined
  const finish = (why: 'silent' | 'relist' | 'stopped') => () => {
    end ??= why
    abort.abort()
  }
  const stopped = finish('stopped')
  const silence = setTimeout(finish('silent'), call.silenceMs)
  const relist = setTimeout(finish('relist'), call.relistMs)
  call.stop.addEventListener('abort', stopped, { once: true })
  try {
    const came = await follow(call, resourceVersion, abort.signal, () => silence.refresh())
    return end === undefined || end === 'refused' ? came : { end }
  } finally {
    clearTimeout(silence)
    clearTimeout(relist)
    call.stop.removeEventListener('abort', stopped)
    abort.abort()
  }
}

async function follow(
  call: WatchCall,
  resourceVersion: string,
  signal: AbortSignal,
  spoke: () => void,
): Promise<WatchEnd> {
  const opened = await call.cluster.open({ path: watchPath(call, resourceVersion), signal })
  if (!opened.ok) return opened.status === 410 ? { end: 'expired' } : { end: 'refused', why: opened }
  try {
    for await (const line of readLines(opened.body)) {
      const end = hear(line, call)
      if (end !== undefined) return end
      spoke()
    }
    return { end: 'closed' }
  } catch (error) {
    // A stream that broke has said nothing wrong; a line beyond the limit has.
    return opened.body.errored === error ? { end: 'closed' } : nonsense(unanswered(error).message)
  }
}

function watchPath({ path, fieldSelector, timeoutSeconds }: WatchCall, resourceVersion: string): string {
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timeoutSeconds),
  })
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  return `${path}?${query.toString()}`
}

/** Understands one line. What it returns ends the watch. */
function hear(line: string, { heard }: WatchCall): WatchEnd | undefined {
  const event = parseObject(line)
  const type = event?.['type']
  const object = objectAt(event ?? {}, 'object')
  const resourceVersion = textAt(objectAt(object, 'metadata'), 'resourceVersion')
  if (type === 'ERROR') return object['code'] === 410 ? { end: 'expired' } : nonsense(told(object))
  if (resourceVersion === '') return nonsense('a line of the watch is no event')
  if (type === 'BOOKMARK') heard(null, resourceVersion)
  else if (type === 'ADDED' || type === 'MODIFIED') heard({ deleted: false, object }, resourceVersion)
  else if (type === 'DELETED') heard({ deleted: true, object }, resourceVersion)
  else return nonsense('a line of the watch has an unknown type')
  return undefined
}

function told(status: JsonObject): string {
  return textAt(status, 'message') || 'the watch ended in an error without a message'
}

function nonsense(message: string): WatchEnd {
  return {
    end: 'refused',
    why: { ok: false, status: 200, reason: 'Unreadable', message, retryAfterMs: null },
  }
}

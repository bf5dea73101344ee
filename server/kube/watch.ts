import type { JsonObject } from '../ports.ts'
import { parseObject, type Refusal, OBJECT_MAX_BYTES, unanswered } from './answer.ts'
import { objectAt, textAt } from '../json.ts'
import type { Cluster } from './transport.ts'

/** How long the parts of a list and its watch last. */
export interface Times {
  readonly silenceMs: number
  readonly relistMs: number
  readonly absentMs: number
  readonly unreachableMs: number
  readonly refusedMs: number
}

export const TIMES: Times = {
  // Bookmarks come at +61 s; facts drawn from a list are not trusted after 75 s: the fresh list comes in between.
  silenceMs: 70_000,
  // Corrects what a watch may have lost.
  relistMs: 600_000,
  // How soon an API that the server lacks is looked for again, after an upgrade.
  absentMs: 120_000,
  // Longest wait while nobody answers: a refused connection costs nobody anything.
  unreachableMs: 3_000,
  // Longest wait while the server answers with errors, when it has trouble enough.
  refusedMs: 30_000,
}

/** The server ends each watch itself after a random while, so that replicas do not come back together. */
const WATCH_MIN_S = 300
const WATCH_SPREAD_S = 300
/** How much sooner than asked a server may end a watch that it has not cut off. */
export const EARLY_MS = 1_000
/** A watch that lasted no longer has told nothing. */
export const AT_ONCE_MS = 1_000

/** For how long to ask a server to keep a watch. */
export function watchSeconds(): number {
  return WATCH_MIN_S + Math.floor(Math.random() * WATCH_SPREAD_S)
}

/** One line of a watch that tells of an object. */
interface WatchEvent {
  readonly deleted: boolean
  readonly object: JsonObject
}

/**
 * How a watch ended. `closed`: by the server, cleanly or cut off; go on from the last resourceVersion.
 * `expired`: that version is gone, list again. `silent`: dead, half-open, or a version from the future of a
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

/** An event is a few words around an object. */
const LINE_MAX_BYTES = OBJECT_MAX_BYTES + 1_024

/**
 * The lines of a watch, without their ends. An unfinished last line is dropped: the stream was cut.
 * @throws Error when a line is longer than an object and its event can be
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      held.push(chunk.subarray(start, end))
      yield Buffer.concat(held).toString('utf8')
      held = []
      heldBytes = 0
      start = end + 1
    }
    held.push(chunk.subarray(start))
    heldBytes += chunk.length - start
    if (heldBytes > LINE_MAX_BYTES)
      throw new Error(`a line of the watch is longer than ${LINE_MAX_BYTES} bytes`)
  }
}

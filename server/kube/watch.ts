import { forEachChunk } from '../in-turns.ts'
import { objectAt, textAt } from '../json.ts'
import type { JsonObject } from '../ports.ts'
import { parseObject, type Refusal, unanswered } from './api-answer.ts'
import { type Item, OBJECT_MAX_BYTES, tooLarge, unreadable } from './items.ts'
import type { Listing } from './list.ts'
import type { Cluster } from './transport.ts'

/**
 * How a watch ended. `ended`: by the server, after the time that it was asked for. `closed`: by the server, sooner. Both go
 * on from the last resourceVersion.
 * `expired`: that version is gone. `silent`: dead, half-open, or a version from the future of a restored etcd.
 * `refused`: it did not open, or what came was no watch.
 */
export type WatchEnd =
  | { readonly kind: 'ended' | 'closed' | 'expired' | 'silent' | 'stopped' }
  | { readonly kind: 'refused'; readonly why: Refusal }

/** What one line of a watch reports. `item` is null for a bookmark. */
export interface WatchEvent {
  readonly deleted: boolean
  readonly item: Item | null
  /** Empty where the line could not be read. */
  readonly resourceVersion: string
}

export interface WatchCall {
  readonly cluster: Pick<Cluster, 'open' | 'clock'>
  readonly listing: Listing
  readonly resourceVersion: string
  /** With bookmarks about every 60 s, a longer silence is a fault. */
  readonly silenceMs: number
  readonly stop: AbortSignal
  /** The server has accepted the watch. */
  readonly opened: () => void
  readonly heard: (event: WatchEvent) => void
}

/** The server ends each watch itself after a random while, so that replicas do not come back together. */
const WATCH_SECONDS = { min: 300, spread: 300 }
/** How much sooner than asked a server may end a watch that it has not cut off. */
const EARLY_MS = 1_000
/** An event is a few words around an object. */
const LINE_MAX_BYTES = OBJECT_MAX_BYTES + 1_024

/** Follows the changes since a resourceVersion until the watch ends, however it does. */
export async function watchFrom(call: WatchCall): Promise<WatchEnd> {
  const abort = new AbortController()
  let end: 'silent' | 'stopped' | undefined
  const finish = (why: 'silent' | 'stopped') => () => {
    end ??= why
    abort.abort()
  }
  const stopped = finish('stopped')
  const silence = setTimeout(finish('silent'), call.silenceMs)
  call.stop.addEventListener('abort', stopped, { once: true })
  if (call.stop.aborted) stopped()
  try {
    const came = await follow(call, abort.signal, () => silence.refresh())
    return end === undefined ? came : { kind: end }
  } finally {
    clearTimeout(silence)
    call.stop.removeEventListener('abort', stopped)
    abort.abort()
  }
}

async function follow(call: WatchCall, signal: AbortSignal, spoke: () => void): Promise<WatchEnd> {
  const seconds = WATCH_SECONDS.min + Math.floor(Math.random() * WATCH_SECONDS.spread)
  const endsAt = call.cluster.clock.monotonic() + seconds * 1_000 - EARLY_MS
  const opened = await call.cluster.open({ path: watchPath(call, seconds), signal })
  if (!opened.ok) return opened.status === 410 ? { kind: 'expired' } : { kind: 'refused', why: opened }
  call.opened()
  let end: WatchEnd | undefined
  const lines = new LineSplitter((line) => {
    if (end !== undefined) return
    const read = readLine(line)
    if ('kind' in read) return void (end = read)
    call.heard(read)
    spoke()
  })
  try {
    await forEachChunk(opened.body, (chunk) => {
      lines.push(chunk)
      return end === undefined
    })
    return end ?? { kind: call.cluster.clock.monotonic() < endsAt ? 'closed' : 'ended' }
  } catch (error) {
    // A stream that broke has said nothing wrong.
    return opened.body.errored === error ? { kind: 'closed' } : nonsense(unanswered(error).message)
  }
}

function watchPath(call: WatchCall, timeoutSeconds: number): string {
  const { path, fieldSelector, labelSelector } = call.listing
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: call.resourceVersion,
    timeoutSeconds: String(timeoutSeconds),
  })
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  if (labelSelector !== undefined) query.set('labelSelector', labelSelector)
  return `${path}?${query.toString()}`
}

const DELETION = '{"type":"DELETED"'
const CHANGES = new Set<unknown>(['ADDED', 'MODIFIED', 'DELETED'])

/** What one line reports, or how it ends the watch. */
function readLine({ json, whole }: Line): WatchEvent | WatchEnd {
  if (!whole) return unread(json, tooLarge(json))
  const parsed = parseObject(json)
  if (!parsed.ok && parsed.outOfBounds) return unread(json, unreadable(json, parsed.because))
  if (!parsed.ok) return nonsense('a line of the watch is not an event')
  const event = parsed.object
  const type = event['type']
  const object = objectAt(event, 'object')
  const resourceVersion = textAt(objectAt(object, 'metadata'), 'resourceVersion')
  if (type === 'ERROR') return object['code'] === 410 ? { kind: 'expired' } : nonsense(messageOf(object))
  if (resourceVersion === '') return nonsense('a line of the watch is not an event')
  if (type === 'BOOKMARK') return { deleted: false, item: null, resourceVersion }
  if (!CHANGES.has(type)) return nonsense('a line of the watch has an unknown type')
  return { deleted: type === 'DELETED', item: { readable: true, object }, resourceVersion }
}

/** A line whose object is not parsed: what happened to it stands at the very beginning. */
function unread(json: Buffer, item: Item): WatchEvent {
  const deleted = json.toString('latin1', 0, DELETION.length) === DELETION
  return { deleted, item, resourceVersion: '' }
}

function messageOf(status: JsonObject): string {
  return textAt(status, 'message') || 'the watch ended in an error without a message'
}

function nonsense(message: string): WatchEnd {
  return {
    kind: 'refused',
    why: { ok: false, status: 200, reason: 'Unreadable', message, retryAfterMs: null },
  }
}

/** A line that is longer than an event can be is not `whole`: `json` is its first bytes. */
interface Line {
  readonly json: Buffer
  readonly whole: boolean
}

/** Splits a watch into its lines, without their ends. An unfinished last line is dropped: the stream was cut. */
export class LineSplitter {
  readonly #found: (line: Line) => void
  #held: Buffer[] = []
  #bytes = 0

  constructor(found: (line: Line) => void) {
    this.#found = found
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      this.#hold(chunk.subarray(start, end))
      const [only] = this.#held
      const json = this.#held.length === 1 && only !== undefined ? only : Buffer.concat(this.#held)
      const whole = this.#bytes <= LINE_MAX_BYTES
      this.#held = []
      this.#bytes = 0
      this.#found({ json, whole })
      start = end + 1
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
  }

  #hold(part: Buffer): void {
    if (this.#bytes <= LINE_MAX_BYTES) this.#held.push(part)
    this.#bytes += part.length
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Api, ApiAnswer, DecisionRecord, JsonObject, Log, Notice, Recorder } from '../ports.ts'
import { decisionEvent, type EventSource, type NodeNotice, noticeEvent } from './event.ts'

interface EventDependencies extends EventSource {
  readonly api: Api
  readonly recorder: Pick<Recorder, 'eventsDropped'>
  readonly log: Log
  /** While it returns true, an Event waits, {@link HELD_MAX_MS} at most. */
  readonly busy: () => boolean
}

/** Events that wait: one for each of a burst of 2,000 denied CSRs, 1 KB each. */
const WAITING_MAX = 2_000
/**
 * While as many wait, an approval has no Event: its condition says the same, and an Event costs half the CPU time of an
 * approval. Warnings are always written.
 */
const NORMAL_MAX = 32
/** At once, so that Events do not take the connections that approvals need. */
const WRITERS = 2
const WRITE_TIMEOUT_MS = 5_000
/** A burst of 1,000 CSRs is decided within it. */
const HELD_MAX_MS = 10_000
const HELD_CHECK_MS = 100
/** Longest Retry-After that is obeyed; an Event is old after it. */
const RETRY_AFTER_MAX_MS = 10_000

const PATH = '/apis/events.k8s.io/v1/namespaces/default/events'

/** Writes Events in the background. A decision never waits for an Event; an Event that cannot be written is counted and dropped. */
export class Events {
  readonly #dependencies: EventDependencies
  readonly #waiting: { readonly event: JsonObject; readonly heldUntil: number }[] = []
  #writing = 0
  #idle = Promise.withResolvers<void>()

  constructor(dependencies: EventDependencies) {
    this.#dependencies = dependencies
    this.#idle.resolve()
  }

  report(record: DecisionRecord): void {
    const event = decisionEvent(record, this.#dependencies)
    if (event !== undefined) this.#add(event)
  }

  notify(notice: Notice | NodeNotice): void {
    this.#add(noticeEvent(notice, this.#dependencies))
  }

  /** Resolves once nothing is left to write, or after `withinMs`. */
  async drain(withinMs: number): Promise<void> {
    const late = new AbortController()
    await Promise.race([
      this.#idle.promise,
      sleep(withinMs, undefined, { signal: late.signal }).catch(() => undefined),
    ])
    late.abort()
  }

  #add(event: JsonObject): void {
    const room = event['type'] === 'Normal' ? NORMAL_MAX : WAITING_MAX
    if (this.#waiting.length >= room) return this.#dependencies.recorder.eventsDropped(1)
    this.#waiting.push({ event, heldUntil: performance.now() + HELD_MAX_MS })
    if (this.#writing >= WRITERS) return
    if (this.#writing === 0) this.#idle = Promise.withResolvers()
    this.#writing += 1
    void this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    const { busy } = this.#dependencies
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      while (busy() && performance.now() < next.heldUntil) await sleep(HELD_CHECK_MS)
      await this.#write(next.event)
    }
    this.#writing -= 1
    if (this.#writing === 0) this.#idle.resolve()
  }

  async #write(event: JsonObject): Promise<void> {
    const { api, recorder, log } = this.#dependencies
    const call = { method: 'POST', path: PATH, body: event, timeoutMs: WRITE_TIMEOUT_MS } as const
    let answer = await api.call(call)
    if (!answer.ok && answer.retryAfterMs !== null) {
      await sleep(Math.min(answer.retryAfterMs, RETRY_AFTER_MAX_MS), undefined, { ref: false })
      answer = await api.call(call)
    }
    if (answer.ok || exists(answer)) return
    recorder.eventsDropped(1)
    log.debug({ status: answer.status, reason: answer.reason }, 'an Event could not be written')
  }
}

function exists(answer: ApiAnswer): boolean {
  return answer.status === 409
}

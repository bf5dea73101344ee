import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { microTime } from '../json.ts'
import type { Action, Api, ApiAnswer, Clock, Instruments, JsonObject, Log, DecisionRecord } from '../ports.ts'
import { nodeName } from '../../policies/node-name.ts'
import { oneLine } from '../../policies/text.ts'

export interface EventParts {
  readonly api: Api
  readonly clock: Pick<Clock, 'serverNow'>
  readonly instruments: Pick<Instruments, 'eventsDropped'>
  readonly log: Log
  /** This process: the pod's name. */
  readonly identity: string
  /** While decisions need the API server's time more, each Event waits, {@link HELD_MAX_MS} at most. */
  readonly busy: () => boolean
}

/** Writes Events about CSRs in the background, as well as may be: a decision never waits for an Event. */
export interface Events {
  report(record: DecisionRecord): void
  /** About a Node. */
  about(node: { readonly name: string; readonly uid: string }, told: NodeEvent): void
  /** Resolves once nothing is left to write, or after `withinMs`. */
  drain(withinMs: number): Promise<void>
}

/** What is told about a Node. */
interface NodeEvent {
  readonly action: string
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

/** Events that wait: one for each of a burst of 1,000 CSRs and as many again, 1 KB each. */
const WAITING_MAX = 2_000
/** At once, so that Events do not take the connections that approvals need. */
const WRITERS = 2
const WRITE_TIMEOUT_MS = 5_000
/** A burst of 1,000 CSRs is decided within it. */
const HELD_MAX_MS = 10_000
const HELD_CHECK_MS = 100
/** Longest Retry-After that is obeyed; an Event is old after it. */
const RETRY_AFTER_MAX_MS = 10_000
/** Bytes of `note`, validated by the API server: pkg/apis/core/validation/events.go. */
const NOTE_MAX = 1_024
/** Bytes of `reportingInstance`, validated there. */
const INSTANCE_MAX = 128

/** Events about cluster-scoped objects are kept in this namespace. */
const PATH = '/apis/events.k8s.io/v1/namespaces/default/events'

/** Only the actions of the controller: the webhook stores no CSR that an Event could be about. */
const words: Readonly<Partial<Record<Action, { readonly action: string; readonly type: string }>>> = {
  approved: { action: 'Approve', type: 'Normal' },
  denied: { action: 'Deny', type: 'Warning' },
  left: { action: 'Wait', type: 'Warning' },
}

interface Waiting {
  readonly event: JsonObject
  /** Monotonic milliseconds at which it is written however busy we are. */
  readonly heldUntil: number
}

export function createEvents(parts: EventParts): Events {
  const waiting: Waiting[] = []
  let writing = 0
  let idle = Promise.withResolvers<void>()
  idle.resolve()

  const writeAll = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await untilQuiet(parts.busy, next.heldUntil)
      await write(next.event, parts)
    }
    writing -= 1
    if (writing === 0) idle.resolve()
  }
  const send = (event: JsonObject): void => {
    if (waiting.length >= WAITING_MAX) {
      parts.instruments.eventsDropped(1)
      return
    }
    waiting.push({ event, heldUntil: performance.now() + HELD_MAX_MS })
    if (writing >= WRITERS) return
    if (writing === 0) idle = Promise.withResolvers<void>()
    writing += 1
    void writeAll()
  }
  return {
    report(record) {
      const event = eventOf(record, parts)
      if (event !== undefined) send(event)
    },
    about: (node, told) => send(nodeEventOf(node, told, parts)),
    async drain(withinMs) {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, withinMs)
      await Promise.race([idle.promise, late])
      clearTimeout(timer)
    },
  }
}

async function untilQuiet(busy: () => boolean, heldUntil: number): Promise<void> {
  while (busy() && performance.now() < heldUntil) await sleep(HELD_CHECK_MS)
}

/** An events.k8s.io/v1 Event; undefined where nobody who looks at the CSR would need it. */
export function eventOf(record: DecisionRecord, { clock, identity }: Pick<EventParts, 'clock' | 'identity'>): JsonObject | undefined {
  const { csr, decision, action, nodeUid } = record
  const word = words[action]
  if (word === undefined || decision.verdict === 'ignore') return undefined
  const node = nodeName(csr.requester.username)
  return {
    ...envelope(eventName([csr.uid, action, decision.reason]), { clock, identity }),
    action: word.action,
    reason: decision.reason,
    type: isTold(decision) ? 'Warning' : word.type,
    note: oneLine(decision.message, NOTE_MAX),
    regarding: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      name: oneLine(csr.name, NOTE_MAX),
      uid: csr.uid,
    },
    ...(nodeUid === undefined || node === undefined
      ? {}
      : { related: { apiVersion: 'v1', kind: 'Node', name: node, uid: nodeUid } }),
  }
}

/** Whether something is told about an approval that an operator should look at. */
function isTold({ verdict, findings }: DecisionRecord['decision']): boolean {
  return verdict === 'approve' && findings.some(({ detail }) => detail !== '')
}

function nodeEventOf(
  { name, uid }: { readonly name: string; readonly uid: string },
  { note, ...told }: NodeEvent,
  parts: Pick<EventParts, 'clock' | 'identity'>,
): JsonObject {
  return {
    ...envelope(eventName([uid, told.reason, note]), parts),
    ...told,
    note: oneLine(note, NOTE_MAX),
    regarding: { apiVersion: 'v1', kind: 'Node', name: oneLine(name, NOTE_MAX), uid },
  }
}

function envelope(name: string, { clock, identity }: Pick<EventParts, 'clock' | 'identity'>): JsonObject {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    eventTime: microTime(clock.serverNow()),
    reportingController: 'kubelet-csr-gate',
    reportingInstance: oneLine(identity, INSTANCE_MAX),
  }
}

/** The same for the same decision on the same CSR, so that a second report, by another replica too, finds it there. */
function eventName(told: readonly string[]): string {
  return `kubelet-csr-gate.${createHash('sha256').update(told.join('\n')).digest('hex').slice(0, 16)}`
}

async function write(event: JsonObject, { api, instruments, log }: EventParts): Promise<void> {
  const call = { method: 'POST', path: PATH, body: event, timeoutMs: WRITE_TIMEOUT_MS } as const
  let answer = await api.call(call)
  const wait = answer.ok ? null : answer.retryAfterMs
  if (wait !== null) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait, RETRY_AFTER_MAX_MS)).unref())
    answer = await api.call(call)
  }
  if (answer.ok || exists(answer)) return
  instruments.eventsDropped(1)
  log.debug({ status: answer.status, reason: answer.reason }, 'an Event could not be written')
}

function exists(answer: ApiAnswer): boolean {
  return answer.status === 409
}

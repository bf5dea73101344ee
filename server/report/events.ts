import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { microTime } from '../json.ts'
import type {
  Action,
  Api,
  ApiAnswer,
  Clock,
  DecisionRecord,
  Recorder,
  JsonObject,
  Log,
  Notice,
} from '../ports.ts'
import { type NodeNotice, nodeEventOf } from './node-event.ts'
import { nodeName } from '../../policies/node-name.ts'
import { oneLine } from '../../policies/text.ts'

export interface EventParts {
  readonly api: Api
  readonly clock: Pick<Clock, 'serverNow'>
  readonly recorder: Pick<Recorder, 'eventsDropped'>
  readonly log: Log
  /** This process: the pod's name. */
  readonly identity: string
  /** While decisions need the API server's time more, each Event waits, {@link HELD_MAX_MS} at most. */
  readonly busy: () => boolean
}

/** Writes Events about CSRs in the background, as well as may be: a decision never waits for an Event. */
export interface Events {
  report(record: DecisionRecord): void
  notify(notice: Notice | NodeNotice): void
  /** Resolves once nothing is left to write, or after `withinMs`. */
  drain(withinMs: number): Promise<void>
}

/** Events that wait: one for each of a burst of 2,000 denied CSRs, 1 KB each. */
const WAITING_MAX = 2_000
/**
 * Past these, an approval has no Event: its condition says the same, and each Event of a burst costs as much CPU time as half an
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
  const add = (event: JsonObject): void => {
    const room = event['type'] === 'Normal' ? NORMAL_MAX : WAITING_MAX
    if (waiting.length >= room) {
      parts.recorder.eventsDropped(1)
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
      if (event !== undefined) add(event)
    },
    notify: (notice) => add('node' in notice ? nodeEventOf(notice, parts) : eventOfNotice(notice, parts)),
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
export function eventOf(record: DecisionRecord, parts: EventParts): JsonObject | undefined {
  const { csr, decision, action, nodeUid } = record
  const word = words[action]
  if (word === undefined || decision.verdict === 'ignore') return undefined
  const { reason, message: note } = decision
  const { username } = csr.requester
  const type = isTold(decision) ? 'Warning' : word.type
  return contentOf({ ...word, type, reason, note, csr, username, nodeUid, told: action }, parts)
}

/** Whether something is told about an approval that an operator should look at. */
function isTold({ verdict, findings }: DecisionRecord['decision']): boolean {
  return verdict === 'approve' && findings.some(({ detail }) => detail !== '')
}

/** A warning about what the signer did. */
function eventOfNotice(notice: Notice, parts: EventParts): JsonObject {
  return contentOf({ ...notice, action: 'Sign', type: 'Warning', told: 'Sign' }, parts)
}

interface Content extends Omit<Notice, 'reason'> {
  readonly reason: string
  readonly action: string
  readonly type: string
  /** With the reason, what tells this Event from others about the same CSR. */
  readonly told: string
}

function contentOf(content: Content, { clock, identity }: EventParts): JsonObject {
  const { csr, username, nodeUid } = content
  const node = nodeName(username)
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventName(content), namespace: 'default' },
    eventTime: microTime(clock.serverNow()),
    reportingController: 'kubelet-csr-gate',
    reportingInstance: oneLine(identity, INSTANCE_MAX),
    action: content.action,
    reason: content.reason,
    type: content.type,
    note: oneLine(content.note, NOTE_MAX),
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

/** The same for the same decision on the same CSR, so that a second report, by another replica too, finds it there. */
function eventName({ csr, told, reason }: Content): string {
  const reported = [csr.uid, told, reason].join('\n')
  return `kubelet-csr-gate.${hash('sha256', reported).slice(0, 16)}`
}

async function write(event: JsonObject, { api, recorder, log }: EventParts): Promise<void> {
  const call = { method: 'POST', path: PATH, body: event, timeoutMs: WRITE_TIMEOUT_MS } as const
  let answer = await api.call(call)
  const wait = answer.ok ? null : answer.retryAfterMs
  if (wait !== null) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait, RETRY_AFTER_MAX_MS)).unref())
    answer = await api.call(call)
  }
  if (answer.ok || exists(answer)) return
  recorder.eventsDropped(1)
  log.debug({ status: answer.status, reason: answer.reason }, 'an Event could not be written')
}

function exists(answer: ApiAnswer): boolean {
  return answer.status === 409
}

import { hash } from 'node:crypto'
import { nodeName } from '../../policies/node-name.ts'
import { oneLine } from '../../policies/text.ts'
import { microTime } from '../json.ts'
import type { Action, Clock, DecisionRecord, JsonObject, Notice } from '../ports.ts'

/** Who writes Events, and by which clock. */
export interface EventSource {
  readonly clock: Pick<Clock, 'serverNow'>
  /** This process: the pod's name. */
  readonly identity: string
}

/** A warning about a Node. */
export interface NodeNotice {
  readonly node: { readonly name: string; readonly uid: string }
  readonly action: 'Release'
  readonly reason: 'Released'
  /** One sentence. */
  readonly note: string
}

/** Bytes of `note` and of `reportingInstance`: kubernetes pkg/apis/core/validation/events.go. */
const NOTE_MAX = 1_024
const INSTANCE_MAX = 128

/** Only the actions of the controller: the webhook stores no CSR that an Event could be about. */
const words: Readonly<Partial<Record<Action, { readonly action: string; readonly type: string }>>> = {
  approved: { action: 'Approve', type: 'Normal' },
  denied: { action: 'Deny', type: 'Warning' },
  left: { action: 'Wait', type: 'Warning' },
}

/** Undefined where nobody who looks at the CSR would need an Event. */
export function decisionEvent(
  { csr, decision, action, nodeUid }: DecisionRecord,
  source: EventSource,
): JsonObject | undefined {
  const word = words[action]
  if (word === undefined || decision.verdict === 'ignore') return undefined
  const { reason, message: note } = decision
  const { username } = csr.requester
  const type = isTold(decision) ? 'Warning' : word.type
  return csrEvent({ reason, note, csr, username, nodeUid }, { ...word, type, about: action }, source)
}

/** Whether something is told about an approval that an operator should look at. */
function isTold({ verdict, findings }: DecisionRecord['decision']): boolean {
  return verdict === 'approve' && findings.some(({ detail }) => detail !== '')
}

/** About what the signer did with a CSR, or about a Node, where `kubectl describe node` shows it. */
export function noticeEvent(notice: Notice | NodeNotice, source: EventSource): JsonObject {
  if ('node' in notice) {
    const { node, ...content } = notice
    const regarding = { apiVersion: 'v1', kind: 'Node', ...node }
    return eventOf(
      { ...content, type: 'Warning', regarding, same: [node.uid, notice.reason, notice.note] },
      source,
    )
  }
  return csrEvent(notice, { action: 'Sign', type: 'Warning', about: 'Sign' }, source)
}

interface CsrNotice extends Omit<Notice, 'reason'> {
  readonly reason: string
}

function csrEvent(
  { csr, username, nodeUid, reason, note }: CsrNotice,
  { action, type, about }: { readonly action: string; readonly type: string; readonly about: string },
  source: EventSource,
): JsonObject {
  const node = nodeName(username)
  const regarding = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    name: oneLine(csr.name, NOTE_MAX),
    uid: csr.uid,
  }
  const related =
    nodeUid === undefined || node === undefined
      ? undefined
      : { apiVersion: 'v1', kind: 'Node', name: node, uid: nodeUid }
  return eventOf({ action, reason, type, note, regarding, related, same: [csr.uid, about, reason] }, source)
}

interface Content {
  readonly action: string
  readonly reason: string
  readonly type: string
  readonly note: string
  readonly regarding: JsonObject
  readonly related?: JsonObject | undefined
  /** Events that have these in common are one: a second report, by another replica too, finds the first. */
  readonly same: readonly string[]
}

/** An Event of events.k8s.io/v1. Those about cluster-scoped objects are kept in the namespace `default`. */
function eventOf(content: Content, { clock, identity }: EventSource): JsonObject {
  const { same, note, related, ...rest } = content
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      name: `kubelet-csr-gate.${hash('sha256', same.join('\n')).slice(0, 16)}`,
      namespace: 'default',
    },
    eventTime: microTime(clock.serverNow()),
    reportingController: 'kubelet-csr-gate',
    reportingInstance: oneLine(identity, INSTANCE_MAX),
    ...rest,
    note: oneLine(note, NOTE_MAX),
    ...(related === undefined ? {} : { related }),
  }
}

/** An operator released a name or address that a Node held. */
export function releaseNotice(text: string, node: NodeNotice['node']): NodeNotice {
  const note = `${text} is no longer held by this Node: an operator released it`
  return { node, action: 'Release', reason: 'Released', note }
}

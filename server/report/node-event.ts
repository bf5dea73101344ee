import { hash } from 'node:crypto'
import { oneLine } from '../../policies/text.ts'
import { microTime } from '../json.ts'
import type { Clock, JsonObject } from '../ports.ts'

/** What is told about a Node, for an Event. */
export interface NodeNotice {
  readonly node: { readonly name: string; readonly uid: string }
  readonly action: 'Release'
  readonly reason: 'Released'
  /** One sentence. */
  readonly note: string
}

/** An operator released a name or address that a Node held. */
export function releaseNotice(text: string, node: NodeNotice['node']): NodeNotice {
  const note = `${text} is no longer held by this Node: an operator released it`
  return { node, action: 'Release', reason: 'Released', note }
}

interface NodeEventParts {
  readonly clock: Pick<Clock, 'serverNow'>
  readonly identity: string
}

/** Bytes of `note` and of `reportingInstance`: kubernetes pkg/apis/core/validation/events.go. */
const NOTE_MAX = 1_024
const INSTANCE_MAX = 128

/** An events.k8s.io/v1 Event, which `kubectl describe node` shows. */
export function nodeEventOf({ node, action, reason, note }: NodeNotice, parts: NodeEventParts): JsonObject {
  const told = hash('sha256', [node.uid, reason, note].join('\n'))
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `kubelet-csr-gate.${told.slice(0, 16)}`, namespace: 'default' },
    eventTime: microTime(parts.clock.serverNow()),
    reportingController: 'kubelet-csr-gate',
    reportingInstance: oneLine(parts.identity, INSTANCE_MAX),
    action,
    reason,
    type: 'Warning',
    note: oneLine(note, NOTE_MAX),
    regarding: { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid },
  }
}

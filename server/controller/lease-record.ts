import { microTime, objectAt, textAt } from '../json.ts'
import type { JsonObject } from '../ports.ts'

/** The fields of a coordination.k8s.io/v1 Lease that leader election uses. */
export interface LeaseRecord {
  /** Empty if there is no holder. */
  readonly holder: string
  readonly durationMs: number
  readonly transitions: number
  readonly acquireTime: string
  readonly resourceVersion: string
  readonly uid: string
  /** The whole metadata. A PUT replaces it, so labels and annotations of others, such as Helm, must be sent back. */
  readonly metadata: JsonObject
}

/** Reads a Lease. Undefined if it has no resourceVersion. */
export function readLease(object: JsonObject): LeaseRecord | undefined {
  const metadata = objectAt(object, 'metadata')
  const spec = objectAt(object, 'spec')
  const resourceVersion = textAt(metadata, 'resourceVersion')
  if (resourceVersion === '') return undefined
  return {
    holder: textAt(spec, 'holderIdentity'),
    durationMs: whole(spec['leaseDurationSeconds']) * 1_000,
    transitions: whole(spec['leaseTransitions']),
    acquireTime: textAt(spec, 'acquireTime'),
    resourceVersion,
    uid: textAt(metadata, 'uid'),
    metadata,
  }
}

export interface Holding {
  readonly holder: string
  readonly durationMs: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The Lease that is replaced, or null to create one. */
  readonly before: LeaseRecord | null
}

/** The body of a POST or PUT that takes, renews or (with an empty holder) releases the Lease. */
export function leaseBody(
  place: { readonly namespace: string; readonly name: string },
  { holder, durationMs, now, before }: Holding,
): JsonObject {
  const renewTime = microTime(now)
  const isChange = before !== null && before.holder !== holder
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...before?.metadata,
      ...place,
      ...(before !== null && { resourceVersion: before.resourceVersion, uid: before.uid }),
    },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: Math.ceil(durationMs / 1_000),
      acquireTime: before === null || isChange ? renewTime : before.acquireTime,
      renewTime,
      leaseTransitions: (before?.transitions ?? 0) + (isChange && holder !== '' ? 1 : 0),
    },
  }
}

function whole(value: unknown): number {
  return Number.isSafeInteger(value) ? Number(value) : 0
}

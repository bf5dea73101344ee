import { microTime, objectAt, textAt } from '../json.ts'
import type { JsonObject } from '../ports.ts'

/** A coordination.k8s.io/v1 Lease, as far as an election reads it. */
export interface LeaseRecord {
  /** Empty when nobody holds it. */
  readonly holder: string
  readonly durationMs: number
  readonly transitions: number
  readonly acquireTime: string
  readonly resourceVersion: string
  readonly uid: string
  /** All of it: a PUT replaces it, and whoever else marked the Lease, as Helm does, must find its marks again. */
  readonly metadata: JsonObject
}

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
  /** The Lease that this one replaces, null for a new one. */
  readonly before: LeaseRecord | null
}

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

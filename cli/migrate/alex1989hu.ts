import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { Migrating, type Migration } from './note.ts'

/** Fields of the pod that our chart has by the same name. */
const alike = ['nodeSelector', 'tolerations', 'affinity', 'priorityClassName', 'imagePullSecrets'] as const

/** Our values for the manifest of alex1989hu/kubelet-serving-cert-approver; null if it has no Deployment of it. */
export function migrateAlex1989hu(objects: readonly JsonObject[]): Migration | null {
  const deployment = objects.find((object) => isItsDeployment(object))
  if (deployment === undefined) return null
  const migrating = new Migrating()
  const pod = objectAt(deployment, 'spec', 'template', 'spec')
  policyNotes(migrating)
  for (const key of alike) {
    const value = pod[key]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    migrating.set(key, value)
    migrating.same(key, key)
  }
  const replicas = Number(objectAt(deployment, 'spec')['replicas'] ?? 1)
  if (replicas >= 1 && replicas <= 20) migrating.set('controller.replicas', replicas)
  migrating.changed(
    'replicas',
    'controller.replicas. The webhook has pods of its own: webhook.replicas, 2 by default',
  )
  flagsOf(pod, migrating)
  migrating.none('resources', 'the default resources of this chart are measured for its own pods')
  migrating.changed('namespace', 'the namespace is that of the release: helm --namespace')
  return migrating.done()
}

function isItsDeployment(object: JsonObject): boolean {
  const containers = objectAt(object, 'spec', 'template', 'spec')['containers']
  return (
    object['kind'] === 'Deployment' &&
    containersOf(containers).some((container) =>
      textAt(container, 'image').includes('kubelet-serving-cert-approver'),
    )
  )
}

const containersOf = (containers: Json | undefined): JsonObject[] =>
  Array.isArray(containers) ? containers.filter(isObject) : []

function policyNotes(migrating: Migrating): void {
  migrating.changed(
    'names and addresses',
    'stricter: any were approved. Now each must be one that the Node reports, that no other Node holds and that is not reserved',
  )
  migrating.changed(
    'usages',
    'stricter: any part of the three usages was enough. Now server auth is required, and no other usages but those of a kubelet',
  )
  migrating.none(
    'SubjectAccessReview',
    'it asked whether the requester may create CSRs, which it just had done. No rule for it is needed',
  )
  migrating.changed(
    'CSRs that do not conform',
    'they stayed Pending and were tried again for ever. Now they are refused at creation or denied, with a reason; policy.mode: approveOnly leaves them',
  )
}

function flagsOf(pod: JsonObject, migrating: Migrating): void {
  const args = containersOf(pod['containers'])
    .flatMap((container) => [container['args'], container['command']])
    .flat()
  const has = (flag: string): boolean =>
    args.some((arg) => typeof arg === 'string' && arg.replace(/^-+/u, '').startsWith(flag))
  if (has('debug')) {
    migrating.set('logLevel', 'debug')
    migrating.changed('--debug', 'logLevel: debug. There is no profiler on port 8081')
  }
  if (has('enable-leader-election')) migrating.none('--enable-leader-election', 'a leader is always elected')
  migrating.changed(
    'metrics',
    'the port is metrics.port (8080), and the metrics have other names: see docs/reference.md',
  )
}

/** Reads Kubernetes objects. */
import assert from 'node:assert/strict'
import { objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'

/** Kind and name, for messages. */
export function called(object: JsonObject): string {
  return `${textAt(object, 'kind')} ${nameOf(object)}`
}

export function nameOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'name')
}

export function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.map((item: Json) => objectAt(item)) : []
}

export function textsOf(object: JsonObject, key: string): readonly string[] {
  const value = object[key]
  return Array.isArray(value) ? value.map(String) : []
}

/** The object of a kind and name. */
export function named(objects: readonly JsonObject[], kind: string, name: string): JsonObject {
  const found = objects.find((object) => called(object) === `${kind} ${name}`)
  assert.ok(found !== undefined, `no ${kind} ${name}`)
  return found
}

/** The workloads that run the product. */
export function workloadsIn(objects: readonly JsonObject[]): readonly JsonObject[] {
  return objects.filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet')
}

/** The only object of a kind. */
export function only(objects: readonly JsonObject[], kind: string): JsonObject {
  const [found, ...others] = objects.filter((object) => object['kind'] === kind)
  assert.ok(found !== undefined && others.length === 0, `expected one ${kind}`)
  return found
}

/** The spec of the pods of a Deployment, DaemonSet or Job. */
export function podSpecOf(workload: JsonObject): JsonObject {
  return objectAt(workload, 'spec', 'template', 'spec')
}

/** The only container of a workload. */
export function containerOf(workload: JsonObject): JsonObject {
  const [container, ...others] = listOf(podSpecOf(workload)['containers'])
  assert.ok(container !== undefined && others.length === 0, 'expected one container')
  return container
}

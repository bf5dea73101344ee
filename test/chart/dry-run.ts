import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { called, nameOf } from './objects.ts'

const QUERY = 'dryRun=All&fieldManager=dry-run&force=true&fieldValidation=Strict'

/**
 * Applies an object to an API server as a dry run.
 * @returns the error and the warnings of the API server, a line each
 */
export async function dryRun(cluster: ControlPlane, object: JsonObject): Promise<readonly string[]> {
  const path = await pathOf(cluster, object)
  if (path === undefined) return [`${called(object)}: ${textAt(object, 'apiVersion')} is not served`]
  const { status, body, warnings } = await cluster.admin.apply(`${path}?${QUERY}`, object)
  const refused = status < 300 ? [] : [`${status} ${textAt(body, 'message')}`]
  return [...refused, ...warnings].map((line) => `${called(object)}: ${line}`)
}

/** The path of an object, by discovery; undefined when the API server does not serve its kind and version. */
export async function pathOf(cluster: ControlPlane, object: JsonObject): Promise<string | undefined> {
  const apiVersion = textAt(object, 'apiVersion')
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  const { resources = [] } = (await cluster.adminRequest('GET', root)).body
  const kinds = Array.isArray(resources) ? resources.filter(isObject) : []
  const kind = kinds.find((each) => each['kind'] === object['kind'] && !textAt(each, 'name').includes('/'))
  if (kind === undefined) return undefined
  const namespace = textAt(objectAt(object, 'metadata'), 'namespace')
  const folder = kind['namespaced'] === true ? `${root}/namespaces/${namespace}` : root
  return `${folder}/${textAt(kind, 'name')}/${nameOf(object)}`
}

import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'

const QUERY = 'dryRun=All&fieldManager=dry-run&force=true&fieldValidation=Strict'

/** Kind and name, as messages say them. */
export function called(object: JsonObject): string {
  return `${textAt(object, 'kind')} ${textAt(objectAt(object, 'metadata'), 'name')}`
}

/**
 * Has an API server take an object by a server-side apply that leaves nothing behind.
 * @returns what it says against it, a line each: an error, or its warnings
 */
export async function dryRun(cluster: ControlPlane, object: JsonObject): Promise<readonly string[]> {
  const path = await pathOf(cluster, object)
  if (path === undefined) return [`${called(object)}: ${textAt(object, 'apiVersion')} is not served`]
  const { status, body, warnings } = await cluster.admin.apply(`${path}?${QUERY}`, object)
  const refused = status < 300 ? [] : [`${status} ${textAt(body, 'message')}`]
  return [...refused, ...warnings].map((line) => `${called(object)}: ${line}`)
}

/** Where the API has it, as its discovery says; undefined when it does not serve that kind in that version. */
export async function pathOf(cluster: ControlPlane, object: JsonObject): Promise<string | undefined> {
  const apiVersion = textAt(object, 'apiVersion')
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  const { resources = [] } = (await cluster.adminRequest('GET', root)).body
  const kinds = Array.isArray(resources) ? resources.filter(isObject) : []
  const kind = kinds.find((one) => one['kind'] === object['kind'] && !textAt(one, 'name').includes('/'))
  if (kind === undefined) return undefined
  const metadata = objectAt(object, 'metadata')
  const folder = kind['namespaced'] === true ? `${root}/namespaces/${textAt(metadata, 'namespace')}` : root
  return `${folder}/${textAt(kind, 'name')}/${textAt(metadata, 'name')}`
}

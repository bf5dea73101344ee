import type { ServerResponse } from 'node:http'
import type { JsonObject } from '../../../server/ports.ts'
import { isObject, objectAt, textAt } from '../../../server/json.ts'
import type { Collection, Stored } from './collection.ts'

interface Asked {
  readonly method: string
  readonly url: string
  readonly body: JsonObject | undefined
  readonly collection: (at: string) => Collection
  readonly known: (at: string) => boolean
}

/** The least that a real one keeps a watch that names no time. */
const WATCH_SECONDS = 1_800

/** Lists with paging, watches, single objects, and CSR approval with both preconditions. */
export function route(asked: Asked, response: ServerResponse): void {
  const url = new URL(asked.url, 'https://fake')
  if (url.pathname === '/version')
    return send(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.3' })
  if (asked.known(url.pathname)) return collectionRoute(asked, url, response)
  if (/^\/apis\/[^/]+\/v1$/u.test(url.pathname)) return discovery(asked, url.pathname, response)
  if (/^\/apis\/[^/]+$/u.test(url.pathname)) return groupDiscovery(asked, url.pathname, response)
  return objectRoute(asked, url, response)
}

function objectRoute(asked: Asked, url: URL, response: ServerResponse): void {
  const object = url.pathname.replace(/\/approval$/u, '')
  const at = object.slice(0, object.lastIndexOf('/'))
  const name = object.slice(at.length + 1)
  if (!asked.known(at)) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
    return
  }
  const collection = asked.collection(at)
  const stored = collection.objects.get(name)
  if (stored === undefined) return status(response, 404, 'NotFound', `"${name}" not found`)
  if (asked.method === 'GET') return send(response, 200, stored)
  const write = object === url.pathname ? mergePatch : patch
  if (asked.method === 'PATCH') return write(asked.body ?? {}, { stored, collection, response })
  replace(asked.body ?? {}, { stored, approval: object !== url.pathname, collection, response })
}

/** The resources of a group version: those that there are collections of. */
function discovery({ known }: Asked, at: string, response: ServerResponse): void {
  const resources = ['servicecidrs', 'ingresses'].filter(
    (name) => name === 'ingresses' || known(`${at}/${name}`),
  )
  send(response, 200, {
    kind: 'APIResourceList',
    groupVersion: at.slice(6),
    resources: resources.map((name) => ({ name })),
  })
}

/** The versions of a group: those that there are Machines of. */
function groupDiscovery({ known }: Asked, at: string, response: ServerResponse): void {
  const versions = ['v1beta1', 'v1beta2'].filter((version) =>
    known(`${at}/${version}/namespaces/ns/machines`),
  )
  const name = at.slice(6)
  send(response, 200, {
    kind: 'APIGroup',
    name,
    versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
  })
}

function collectionRoute(asked: Asked, url: URL, response: ServerResponse): void {
  const collection = asked.collection(url.pathname)
  if (asked.method === 'POST') {
    const object = asked.body ?? {}
    const metadata = objectAt(object, 'metadata')
    const name = textAt(metadata, 'name')
    if (collection.objects.has(name)) return status(response, 409, 'AlreadyExists', 'already exists')
    return send(response, 201, collection.put({ ...object, metadata: { ...metadata, name } }))
  }
  if (url.searchParams.get('watch') === 'true') {
    const { searchParams } = url
    const seconds = Number(searchParams.get('timeoutSeconds') ?? WATCH_SECONDS)
    return collection.watch(response, Number(searchParams.get('resourceVersion')), seconds)
  }
  const begin = Number(url.searchParams.get('continue') ?? 0)
  const end = begin + Number(url.searchParams.get('limit') ?? 500)
  const all = [...collection.objects.values()]
  const resourceVersion = String(collection.version)
  const metadata = { resourceVersion, ...(end < all.length && { continue: String(end) }) }
  send(response, 200, { kind: 'List', metadata, items: all.slice(begin, end) })
}

interface Replacement {
  readonly stored: Stored
  readonly approval: boolean
  readonly collection: Collection
  readonly response: ServerResponse
}

function replace(body: JsonObject, { stored, approval, collection, response }: Replacement): void {
  const metadata = objectAt(body, 'metadata')
  const { uid, resourceVersion } = metadata
  if (uid !== undefined && uid !== stored.metadata.uid) {
    return status(response, 409, 'Conflict', 'Precondition failed: UID')
  }
  if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion) {
    return status(response, 409, 'Conflict', 'the object has been modified')
  }
  const named = { ...metadata, name: stored.metadata.name }
  if (!approval) return send(response, 200, collection.put({ ...body, metadata: named }))
  const types = conditionTypes(body)
  if (new Set(types).size !== types.length || (types.includes('Approved') && types.includes('Denied'))) {
    return status(response, 422, 'Invalid', 'status.conditions is invalid')
  }
  // As the real one does: metadata as sent, conditions as sent, spec as stored.
  send(response, 200, collection.put({ ...stored, metadata: named, status: body['status'] }))
}

/** A merge patch of `/approval`: metadata are preconditions, conditions replace the list. */
function patch(body: JsonObject, { stored, collection, response }: Omit<Replacement, 'approval'>): void {
  const { uid, resourceVersion } = objectAt(body, 'metadata')
  if (resourceVersion !== stored.metadata.resourceVersion)
    return status(response, 409, 'Conflict', 'the object has been modified')
  if (uid !== stored.metadata.uid) return status(response, 422, 'Invalid', 'metadata.uid: field is immutable')
  const types = conditionTypes(body)
  if (new Set(types).size !== types.length || (types.includes('Approved') && types.includes('Denied'))) {
    return status(response, 422, 'Invalid', 'status.conditions is invalid')
  }
  send(
    response,
    200,
    collection.put({ ...stored, status: { ...objectAt(stored, 'status'), ...objectAt(body, 'status') } }),
  )
}

/** A merge patch, RFC 7396, with the version as its precondition. */
function mergePatch(body: JsonObject, { stored, collection, response }: Omit<Replacement, 'approval'>): void {
  const { resourceVersion } = objectAt(body, 'metadata')
  if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion)
    return status(response, 409, 'Conflict', 'the object has been modified')
  const metadata = { ...objectAt(merged(stored, body), 'metadata'), name: stored.metadata.name }
  send(response, 200, collection.put({ ...merged(stored, body), metadata }))
}

function merged(object: JsonObject, changes: JsonObject): JsonObject {
  const fields = Object.entries(changes).map(([key, value]) => [
    key,
    isObject(value) ? merged(objectAt(object, key), value) : value,
  ])
  const all: JsonObject = { ...object, ...Object.fromEntries(fields) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

function conditionTypes(object: JsonObject): string[] {
  const { conditions } = objectAt(object, 'status')
  return Array.isArray(conditions) ? conditions.map((condition: JsonObject) => textAt(condition, 'type')) : []
}

function send(response: ServerResponse, code: number, object: JsonObject): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(object))
}

function status(response: ServerResponse, code: number, reason: string, message: string): void {
  send(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code })
}

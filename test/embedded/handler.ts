/** One request: who asks, for what, and which answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { accepted } from './accept.ts'
import { type Collection, namespaceOf } from './collection.ts'
import { mergePatch } from './merge-patch.ts'
import type { Pages } from './pages.ts'
import { discovery, parsePath } from './path.ts'
import { badRequest, notEmbedded, Refusal } from './refusal.ts'
import type { Call, Registry } from './registry.ts'
import { apiVersionOf, type Resource } from './resources.ts'
import { selection } from './selectors.ts'
import { send } from './send.ts'
import { authenticate, type User } from './users.ts'

/** What the server has. */
export interface Served {
  readonly url: string
  readonly tokens: ReadonlyMap<string, User>
  readonly resources: readonly Resource[]
  readonly registry: Registry
  readonly pages: Pages
  collection(resource: Resource): Collection
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: JsonObject | undefined
}

/** Query parameters with a meaning here, or with none anywhere. Every other is refused. */
const PARAMETERS = new Set([
  'allowWatchBookmarks',
  'continue',
  'dryRun',
  'fieldManager',
  'fieldSelector',
  'fieldValidation',
  'force',
  'gracePeriodSeconds',
  'labelSelector',
  'limit',
  'pretty',
  'propagationPolicy',
  'resourceVersion',
  'timeout',
  'timeoutSeconds',
  'watch',
])
const VERSION = { major: '1', minor: '36', gitVersion: 'v1.36.3', platform: 'embedded' }
/** The least that a real one keeps a watch that names no time. */
const WATCH_SECONDS = 1_800

export async function handleRequest(api: Served, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const url = new URL(request.url ?? '/', api.url)
  if (['/livez', '/readyz', '/healthz'].includes(url.pathname)) return void response.end('ok')
  const user = authenticate(request, api.tokens)
  if (url.pathname === '/version') return send(response, 200, VERSION)
  const found = discovery(url.pathname, api.resources)
  if (found !== undefined) return send(response, 200, found)
  const target = parsePath(url.pathname, api.resources)
  if (target === undefined)
    return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
  for (const parameter of url.searchParams.keys())
    if (!PARAMETERS.has(parameter)) throw notEmbedded(`query parameter ${parameter}`)
  const call: Call = {
    ...target,
    user,
    dryRun: url.searchParams.get('dryRun') === 'All',
    fieldValidation: url.searchParams.get('fieldValidation') ?? 'Warn',
  }
  if (target.name === '') await collectionRequest(api, call, { ...exchange, query: url.searchParams })
  else await objectRequest(api, call, exchange)
}

type CollectionExchange = Exchange & { readonly query: URLSearchParams }

async function collectionRequest(api: Served, call: Call, exchange: CollectionExchange): Promise<void> {
  const { request, response, body, query } = exchange
  if (request.method === 'POST') {
    const name = textAt(objectAt(requiredBody(body), 'metadata'), 'name')
    const created = await api.registry.create({ ...call, name }, requiredBody(body))
    return send(response, 201, accepted(request, created.object), created.warnings)
  }
  if (request.method === 'DELETE') return await deleteMany(api, call, exchange)
  if (request.method !== 'GET') throw methodNotAllowed()
  const isWatch = ['1', 'true'].includes(query.get('watch') ?? '')
  if (isWatch) watch(api, call, exchange)
  else send(response, 200, accepted(request, list(api, call, query)))
}

async function deleteMany(
  api: Served,
  call: Call,
  { response, body, query }: CollectionExchange,
): Promise<void> {
  const selected = api.collection(call.resource).list(call.namespace, selection(call.resource, query))
  for (const object of selected) {
    const one = { ...call, namespace: namespaceOf(object), name: object.metadata.name }
    await api.registry.delete(one, body ?? {})
  }
  send(response, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
}

function watch(api: Served, { resource, namespace }: Call, { response, query }: CollectionExchange): void {
  api.collection(resource).watch(response, {
    namespace,
    matches: selection(resource, query),
    from: Number(query.get('resourceVersion') ?? 0),
    seconds: Number(query.get('timeoutSeconds') ?? WATCH_SECONDS),
    bookmarks: query.get('allowWatchBookmarks') === 'true',
  })
}

function list(api: Served, { resource, namespace }: Call, query: URLSearchParams): JsonObject {
  const page = api.pages.page(api.collection(resource), {
    namespace,
    matches: selection(resource, query),
    limit: Number(query.get('limit') ?? 0),
    token: query.get('continue'),
  })
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), ...page }
}

async function objectRequest(api: Served, call: Call, { request, response, body }: Exchange): Promise<void> {
  if (request.method === 'GET') return send(response, 200, accepted(request, api.registry.get(call)))
  if (request.method === 'DELETE' && call.at === null)
    return send(response, 200, await api.registry.delete(call, body ?? {}))
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotAllowed()
  const sent = requiredBody(body)
  const isPatch = request.method === 'PATCH'
  if (isPatch) refuseOtherPatches(request)
  const written = await api.registry.update(call, (before) => (isPatch ? mergePatch(before, sent) : sent), {
    uidMustMatch: !isPatch,
  })
  send(response, 200, accepted(request, written.object), written.warnings)
}

function refuseOtherPatches({ headers }: IncomingMessage): void {
  const type = headers['content-type']?.split(';')[0] ?? ''
  if (type !== 'application/merge-patch+json')
    throw new Refusal(415, 'UnsupportedMediaType', `the embedded API server has no patches of ${type}`)
}

function requiredBody(body: JsonObject | undefined): JsonObject {
  if (body === undefined) throw badRequest('the body is not a JSON object')
  return body
}

function methodNotAllowed(): Refusal {
  return new Refusal(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  )
}

/** The paths of an API server: `/api/v1/…`, `/apis/GROUP/VERSION/…`. */
import { apiVersionOf, type Resource, type Subresource } from './resources.ts'

export interface Target {
  readonly resource: Resource
  readonly namespace: string
  /** Empty for all objects. */
  readonly name: string
  readonly at: Subresource | null
}

const PATH =
  /^\/(?:api\/(?<core>v\d+)|apis\/(?<group>[^/]+)\/(?<version>[^/]+))(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[^/]+))?$/u

/** What a path leads to, undefined where there is nothing. */
export function parsePath(path: string, resources: Iterable<Resource>): Target | undefined {
  const parts = partsOf(path)
  const resource = [...resources].find(
    ({ group, version, plural }) =>
      group === parts.group && version === parts.version && plural === parts.plural,
  )
  const at = resource?.subresources.find((one) => one === parts.sub) ?? null
  if (resource === undefined || (parts.sub !== undefined && at === null)) return undefined
  if (parts.namespace !== '' && !resource.namespaced) return undefined
  return { resource, namespace: decoded(parts.namespace), name: decoded(parts.name), at }
}

function partsOf(path: string) {
  const {
    core,
    group = '',
    version = core,
    namespace = '',
    plural = '',
    name = '',
    sub,
  } = PATH.exec(path)?.groups ?? {}
  return { group, version, namespace, plural, name, sub }
}

/** Of a resource that only a test knows, as a CustomResourceDefinition would define it: it keeps whatever it is sent. */
export function customResource(path: string): Resource {
  const { group, version, namespace, plural } = partsOf(path)
  if (version === undefined) throw new Error(`${path} is no path of a resource`)
  const kind = plural.slice(0, 1).toUpperCase() + plural.slice(1).replace(/s$/u, '')
  const fields = { spec: 'any', status: 'any' } as const
  const namespaced = namespace !== ''
  return { group, version, plural, kind, namespaced, subresources: ['status'], fields }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The documents by which clients find resources. */
export function discovery(path: string, resources: readonly Resource[]): object | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(resources) }
  const group = /^\/apis\/([^/]+)$/u.exec(path)?.[1]
  if (group !== undefined) return groupsOf(resources).find(({ name }) => name === group)
  const version = /^\/(?:api|apis)\/((?:[^/]+\/)?v[^/]+)$/u.exec(path)?.[1]
  const found = resources.filter((one) => apiVersionOf(one) === version)
  if (version === undefined || found.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: version,
    resources: found.flatMap(entriesOf),
  }
}

function groupsOf(resources: readonly Resource[]) {
  const names = [...new Set(resources.map(({ group }) => group))].filter((name) => name !== '')
  return names.map((name) => {
    const found = new Set(resources.filter(({ group }) => group === name).map(({ version }) => version))
    const versions = [...found].map((version) => ({ groupVersion: `${name}/${version}`, version }))
    return { kind: 'APIGroup', apiVersion: 'v1', name, versions, preferredVersion: versions[0] }
  })
}

function entriesOf({ plural: name, kind, namespaced, subresources }: Resource) {
  const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
  const entry = { name, singularName: kind.toLowerCase(), namespaced, kind, verbs }
  const more = subresources.map((sub) => ({
    ...entry,
    name: `${name}/${sub}`,
    singularName: '',
    verbs: ['get', 'patch', 'update'],
  }))
  return [entry, ...more]
}

import { isIP } from 'node:net'
import { parse } from 'yaml'
import { parseAddress, parsePrefix, unmapped } from '../../policies/address.ts'
import { foldCase } from '../../policies/request.ts'
import { encodePrefix } from '../../policies/reserved.ts'
import type { Reservation } from '../../policies/types.ts'
import type { JsonObject } from '../ports.ts'
import { Fields } from './fields.ts'

/** The names, addresses and ranges that one object reserves. */
export type Reservations = readonly Reservation[]

/** A networking.k8s.io/v1 ServiceCIDR reserves every address that a Service may get. */
export function selectServiceCidr(object: JsonObject): Reservations {
  const fields = new Fields(object, 'serviceCidr')
  const origin = `the Service range ${fields.object('metadata').text('name')}`
  return fields
    .object('spec')
    .texts('cidrs')
    .flatMap((text) => prefixReservation(text, origin))
}

/** The value in `clusterIPs` of a headless Service. */
const HEADLESS = 'None'

/** A v1 Service reserves its cluster IPs. */
export function selectService(object: JsonObject): Reservations {
  const fields = new Fields(object, 'service')
  const metadata = fields.object('metadata')
  const origin = `the Service ${metadata.text('namespace')}/${metadata.text('name')}`
  const addresses = fields.object('spec').texts('clusterIPs')
  return addresses.filter((text) => text !== HEADLESS).flatMap((text) => hostReservation(text, origin, false))
}

/** The EndpointSlice default/kubernetes reserves the addresses of the API servers. */
export function selectApiEndpoints(object: JsonObject): Reservations {
  const endpoints = new Fields(object, 'endpointSlice').objects('endpoints')
  const origin = 'an endpoint of the API server'
  return endpoints.flatMap((endpoint) =>
    endpoint.texts('addresses').flatMap((text) => hostReservation(text, origin, true)),
  )
}

/** The ConfigMap kube-public/cluster-info reserves the API server's host that joining nodes use. */
export function selectClusterInfo(object: JsonObject): Reservations {
  const kubeconfig =
    new Fields(object, 'clusterInfo').optionalObject('data')?.optionalText('kubeconfig') ?? ''
  return serversOf(kubeconfig).flatMap((server) =>
    urlReservation(server, 'the server in kube-public/cluster-info'),
  )
}

/** The identity of the API server, as our own connection to it shows. */
export interface ApiServerIdentity {
  /** Host of the URL that we use. */
  readonly host: string
  /** DNS names and IP addresses (as text) in the SANs of its serving certificate. */
  readonly certificateNames: readonly string[]
  readonly certificateAddresses: readonly string[]
}

/** The API server's host and the SANs of its certificate, all marked as its own. */
export function apiServerReservations(identity: ApiServerIdentity): Reservations {
  const sans = [...identity.certificateNames, ...identity.certificateAddresses]
  return [
    ...identity.certificateNames.flatMap(clusterDomainReservations),
    ...hostReservation(identity.host, 'the API server’s address', true),
    ...sans.flatMap((san) => hostReservation(san, 'in the API server’s own certificate', true)),
  ]
}

/** The API server is the Service `kubernetes` in `default`: its certificate shows the cluster domain. */
const API_SERVICE = 'kubernetes.default.svc.'

/** Where Services and pods have their names, whatever `clusterDomain` of the policy says. */
function clusterDomainReservations(san: string): Reservations {
  const name = foldCase(san)
  const domain = name.startsWith(API_SERVICE) ? name.slice(API_SERVICE.length) : ''
  if (domain === '') return []
  return ['svc', 'pod'].map((kind) => ({
    kind: 'domain',
    value: `${kind}.${domain}`,
    origin: `under ${kind}.${domain}, which the API server’s certificate shows to be the cluster’s`,
    apiServer: false,
  }))
}

/** Reserves a name, or an address in any text form. An IPv4-mapped address counts as its IPv4 address. */
function hostReservation(text: string, origin: string, apiServer: boolean): Reservations {
  const host = text.replace(/^\[(?<inner>.*)\]$/u, '$<inner>')
  if (host === '') return []
  const address = isIP(host) === 0 ? undefined : parseAddress(host)
  if (address !== undefined) return [{ kind: 'address', value: unmapped(address), origin, apiServer }]
  return [{ kind: 'name', value: foldCase(host), origin, apiServer }]
}

function prefixReservation(text: string, origin: string): Reservations {
  const prefix = parsePrefix(text)
  return prefix === undefined
    ? []
    : [{ kind: 'prefix', value: encodePrefix(prefix), origin, apiServer: false }]
}

function urlReservation(url: string, origin: string): Reservations {
  return URL.canParse(url) ? hostReservation(new URL(url).hostname, origin, true) : []
}

/** The server URLs of a kubeconfig. Empty if it cannot be read. */
function serversOf(kubeconfig: string): string[] {
  try {
    const clusters = new Fields(parse(kubeconfig, { maxAliasCount: 0 }) ?? {}, 'kubeconfig').objects(
      'clusters',
    )
    return clusters.map((cluster) => cluster.object('cluster').optionalText('server'))
  } catch {
    return [] // Not YAML. Only the cluster's own tools write to kube-public, so this is not an attack.
  }
}

import { isIP } from 'node:net'
import { parse } from 'yaml'
import { parseAddress, parsePrefix, unmapped } from '../../policies/address.ts'
import { foldCase } from '../../policies/request.ts'
import { encodePrefix } from '../../policies/reserved.ts'
import type { Reservation } from '../../policies/types.ts'
import type { JsonObject } from '../ports.ts'
import { Fields } from './fields.ts'

/** What one object of the cluster reserves. */
export type Reservations = readonly Reservation[]

/** A networking.k8s.io/v1 ServiceCIDR: every address that a Service may ever get. */
export function selectServiceCidr(object: JsonObject): Reservations {
  const fields = new Fields(object, 'serviceCidr')
  const origin = `the Service range ${fields.object('metadata').text('name')}`
  return fields
    .object('spec')
    .texts('cidrs')
    .flatMap((text) => prefixReservation(text, origin))
}

/** `clusterIPs` of a Service without one. */
const HEADLESS = 'None'

/** A v1 Service: its cluster addresses, where the server has no ServiceCIDR (before 1.33). */
export function selectService(object: JsonObject): Reservations {
  const fields = new Fields(object, 'service')
  const metadata = fields.object('metadata')
  const origin = `the Service ${metadata.text('namespace')}/${metadata.text('name')}`
  const addresses = fields.object('spec').texts('clusterIPs')
  return addresses.filter((text) => text !== HEADLESS).flatMap((text) => hostReservation(text, origin, false))
}

/** The EndpointSlice default/kubernetes: where the API servers listen. */
export function selectApiEndpoints(object: JsonObject): Reservations {
  const endpoints = new Fields(object, 'endpointSlice').objects('endpoints')
  const origin = 'an endpoint of the API server'
  return endpoints.flatMap((endpoint) =>
    endpoint.texts('addresses').flatMap((text) => hostReservation(text, origin, true)),
  )
}

/** The ConfigMap kube-public/cluster-info: the server that joining nodes are told. */
export function selectClusterInfo(object: JsonObject): Reservations {
  const kubeconfig =
    new Fields(object, 'clusterInfo').optionalObject('data')?.optionalText('kubeconfig') ?? ''
  return serversOf(kubeconfig).flatMap((server) =>
    urlReservation(server, 'the server in kube-public/cluster-info'),
  )
}

/** What our own connection to the API server shows of it. */
export interface ApiServerIdentity {
  /** Host of the URL we use. */
  readonly host: string
  /** SANs of its serving certificate, as the TLS session showed it: DNS names, and addresses as text. */
  readonly certificateNames: readonly string[]
  readonly certificateAddresses: readonly string[]
}

export function apiServerReservations(identity: ApiServerIdentity): Reservations {
  const sans = [...identity.certificateNames, ...identity.certificateAddresses]
  return [
    ...hostReservation(identity.host, 'the API server’s address', true),
    ...sans.flatMap((san) => hostReservation(san, 'in the API server’s own certificate', true)),
  ]
}

/** A name, or an address in any text form of one; mapped addresses stand for their IPv4 address. */
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

/** The servers of a kubeconfig's clusters; one that cannot be read names none. */
function serversOf(kubeconfig: string): string[] {
  try {
    const clusters = new Fields(parse(kubeconfig, { maxAliasCount: 0 }) ?? {}, 'kubeconfig').objects(
      'clusters',
    )
    return clusters.map((cluster) => cluster.object('cluster').optionalText('server'))
  } catch {
    return [] // not YAML: kube-public is readable by everyone and written by the cluster's own tools
  }
}

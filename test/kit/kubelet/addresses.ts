import { isIP } from 'node:net'

/** As in `Node.status.addresses`. */
export interface NodeAddress {
  readonly type: 'Hostname' | 'InternalIP' | 'ExternalIP' | 'InternalDNS' | 'ExternalDNS'
  readonly address: string
}

export interface Sans {
  readonly dnsNames: readonly string[]
  readonly addresses: readonly string[]
}

/** Short for a list of a Node's addresses: `[['Hostname', 'n1'], ['InternalIP', '10.0.0.1']]`. */
export function reported(...pairs: readonly (readonly [NodeAddress['type'], string])[]): NodeAddress[] {
  return pairs.map(([type, address]) => ({ type, address }))
}

/**
 * What a kubelet asks for, from what its Node reports: names sorted, none twice, and a host name that is an
 * address among the addresses (kubernetes pkg/kubelet/certificate/kubelet.go, addressesToHostnamesAndIPs).
 */
export function sansOf(addresses: readonly NodeAddress[]): Sans {
  const names = new Set<string>()
  const ips = new Set<string>()
  for (const { type, address } of addresses) {
    if (isIP(address) > 0) ips.add(address)
    else if (type !== 'InternalIP' && type !== 'ExternalIP') names.add(address)
  }
  return { dnsNames: [...names].sort(), addresses: [...ips].sort() }
}

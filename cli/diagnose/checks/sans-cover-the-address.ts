import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { oneLine, shown } from '../../../policies/text.ts'
import { defineNodeCheck, verifiesKubelets, type Outcome } from '../check.ts'
import type { FleetFacts, Kubelet, NodeFacts } from '../facts.ts'
import { eachKubelet, found, ifKnown } from './outcomes.ts'
import { RESTART } from '../steps.ts'

/** kubernetes pkg/controlplane/apiserver/options: the default of the flag. */
const DEFAULT_TYPES = 'Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP'
const FLAG = 'kubelet-preferred-address-types'
const SANS_MAX = 200

type Code = 'AddressNotInCertificate'

export const sansCoverTheAddress = defineNodeCheck<Code>({
  id: 'SansCoverTheAddress',
  subject: 'Certificates of kubelets',
  asks: 'Whether the certificate of each kubelet has two addresses: the one that the API server dials (the first type in --kubelet-preferred-address-types), and the InternalIP, which metrics-server and Prometheus dial.',
  kinds: {
    AddressNotInCertificate: {
      severity: 'warning',
      means:
        'Clients that verify the kubelet fail with `certificate is valid for A, not B`. If the API server verifies kubelets, kubectl logs and exec fail, too. Critical if the API server verifies kubelets and dials the address.',
      fix: RESTART,
    },
  },
  run: (facts) =>
    ifKnown(facts.kubelets, (kubelets) => {
      const preferences = preferencesOf(facts)
      const severity = verifiesKubelets(facts) ? 'critical' : 'warning'
      const unsure = facts.apiServers.known ? '' : ', if it has the default of the flag, which is not visible'
      return eachKubelet(
        kubelets,
        (kubelet) => {
          const missing = preferences.flatMap((types) => missedByApiServer(kubelet, types))
          return missing.length > 0
            ? missing.map((outcome) => ({ ...outcome, severity }))
            : missedByOthers(kubelet)
        },
        `each has the address that the API server dials${unsure}`,
      )
    }),
})

/** The distinct values of the flag among API servers. */
function preferencesOf({ apiServers }: FleetFacts): string[] {
  if (!apiServers.known) return [DEFAULT_TYPES]
  return [...new Set(apiServers.value.map(({ flags }) => flags.get(FLAG) ?? DEFAULT_TYPES))]
}

function missedByApiServer(kubelet: Kubelet, types: string): Outcome<Code>[] {
  const address = dialledOf(kubelet.node, types.split(','))
  return missed(kubelet, address, `the API server dials ${shown(address ?? '')} (first of ${types})`)
}

function missedByOthers(kubelet: Kubelet): Outcome<Code>[] {
  const address = kubelet.node.dial?.address
  return missed(kubelet, address, `metrics-server and Prometheus dial ${shown(address ?? '')}`)
}

function missed(
  { certificate, signedBy }: Kubelet,
  address: string | undefined,
  who: string,
): Outcome<Code>[] {
  if (certificate === null || signedBy === 'itself' || address === undefined || covers(certificate, address))
    return []
  const sans = oneLine(certificate.subjectAltName ?? 'nothing', SANS_MAX)
  return [found('AddressNotInCertificate', `${who}, and its certificate is valid for ${sans}`)]
}

/** kubernetes pkg/util/node GetPreferredNodeAddress. */
function dialledOf({ addresses }: NodeFacts, types: readonly string[]): string | undefined {
  for (const type of types) {
    const first = addresses.find((address) => address.type === type)
    if (first !== undefined) return first.address
  }
  return undefined
}

function covers(certificate: X509Certificate, address: string): boolean {
  if (isIP(address) !== 0) return certificate.checkIP(address) !== undefined
  return certificate.checkHost(address, { subject: 'never' }) !== undefined
}

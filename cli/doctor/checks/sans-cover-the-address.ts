import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { oneLine, shown } from '../../../policies/text.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { DoctorNode, Facts, Kubelet } from '../facts.ts'
import { subjectOf } from '../kubelets.ts'
import { ifKnown, orOk, severityOf } from './outcomes.ts'

const SUBJECT = 'Certificates of kubelets'
/** kubernetes pkg/controlplane/apiserver/options: the default of the flag. */
const DEFAULT_TYPES = 'Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP'
const FLAG = 'kubelet-preferred-address-types'
const SANS_MAX = 200

type Id = 'AddressNotInCertificate'

export const sansCoverTheAddress = defineCheck<Id>({
  id: 'SansCoverTheAddress',
  asks: 'Whether the certificate of each kubelet has the address that the API server dials: the first one of the Node by --kubelet-preferred-address-types.',
  kinds: {
    AddressNotInCertificate: {
      severity: 'warning',
      means:
        'kubectl logs and exec fail with `certificate is valid for A, not B`, once the API server verifies kubelets. Critical where it does.',
      fix: 'On NODE: sudo systemctl restart kubelet; then kubelet-csr-gate status',
    },
  },
  run: (facts) =>
    ifKnown(facts.kubelets, SUBJECT, (kubelets) => {
      const preferences = preferencesOf(facts)
      const severity = severityOf(facts)
      const outcomes = preferences.flatMap((types) =>
        kubelets.flatMap((kubelet) => outcomesOf(kubelet, types)),
      )
      const unsure = facts.apiServers.known ? '' : ', if it has the default of the flag, which is not visible'
      return orOk(
        outcomes.map((outcome) => ({ ...outcome, severity })),
        SUBJECT,
        `each has the address that the API server dials${unsure}`,
      )
    }),
})

/** The distinct values of the flag among API servers. */
function preferencesOf({ apiServers }: Facts): string[] {
  if (!apiServers.known) return [DEFAULT_TYPES]
  return [...new Set(apiServers.value.map(({ flags }) => flags.get(FLAG) ?? DEFAULT_TYPES))]
}

function outcomesOf(kubelet: Kubelet, types: string): Outcome<Id>[] {
  const { certificate, signedBy, node } = kubelet
  const address = dialledOf(node, types.split(','))
  if (certificate === null || signedBy === 'itself' || address === undefined || covers(certificate, address))
    return []
  const sans = oneLine(certificate.subjectAltName ?? 'nothing', SANS_MAX)
  const evidence = `the API server dials ${shown(address)} (first of ${types}), and its certificate is valid for ${sans}`
  return [
    { found: 'AddressNotInCertificate', subject: subjectOf(kubelet), evidence, names: { NODE: node.name } },
  ]
}

/** kubernetes pkg/util/node GetPreferredNodeAddress. */
function dialledOf({ addresses }: DoctorNode, types: readonly string[]): string | undefined {
  for (const type of types) {
    const found = addresses.find((address) => address.type === type)
    if (found !== undefined) return found.address
  }
  return undefined
}

function covers(certificate: X509Certificate, address: string): boolean {
  if (isIP(address) !== 0) return certificate.checkIP(address) !== undefined
  return certificate.checkHost(address, { subject: 'never' }) !== undefined
}

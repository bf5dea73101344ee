import type { X509Certificate } from 'node:crypto'
import type { Dialled } from '../fleet/dial.ts'
import type { FleetCsr } from '../fleet/read-fleet.ts'
import type { DoctorNode, Kubelet } from './facts.ts'
import { isIssuer } from './issuer.ts'

interface Seen {
  readonly dialled: ReadonlyMap<string, Dialled>
  /** Of the cluster. */
  readonly cas: readonly X509Certificate[]
}

export function kubeletsOf(
  nodes: readonly DoctorNode[],
  csrs: readonly FleetCsr[],
  { dialled, cas }: Seen,
): Kubelet[] {
  const byNode = Map.groupBy(csrs, ({ node }) => node)
  return nodes
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map((node) => {
      const own = (byNode.get(node.name) ?? []).toSorted((one, other) => other.createdAt - one.createdAt)
      const saw = dialled.get(node.name) ?? null
      const certificate = saw?.saw === 'certificate' ? saw.certificate : null
      return {
        node,
        csr: own[0] ?? null,
        denied: own.filter(({ state }) => state === 'denied').length,
        dialled: saw,
        certificate,
        signedBy: certificate === null ? null : signerOf(certificate, own, cas),
      }
    })
}

/** kubernetes pkg/kubelet, GenerateSelfSignedCertKey: the CA that a kubelet makes for itself. */
const OWN_CA = /^CN=.+-ca@\d+$/u

function signerOf(
  certificate: X509Certificate,
  csrs: readonly FleetCsr[],
  cas: readonly X509Certificate[],
): Kubelet['signedBy'] {
  const isIssued = csrs.some(({ fingerprint }) => fingerprint === certificate.fingerprint256)
  if (isIssued || cas.some((ca) => isIssuer(ca, certificate))) return 'cluster'
  return OWN_CA.test(certificate.issuer) ? 'itself' : 'another'
}

/** `Node worker-1`, as the subject of a finding. */
export const subjectOf = ({ node }: Pick<Kubelet, 'node'>): string => `Node ${node.name}`

/** The common names of a certificate. */
export function commonNamesOf({ subject }: X509Certificate): string[] {
  return subject.split('\n').flatMap((part) => (part.startsWith('CN=') ? [part.slice(3)] : []))
}

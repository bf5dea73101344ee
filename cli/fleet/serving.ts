import type { X509Certificate } from 'node:crypto'
import type { Dialled } from './dial.ts'
import type { FleetCsr, FleetNode } from './read-fleet.ts'

/** What a kubelet serves with. `yes`: its own certificate, of the cluster. `unknown`: it was not dialled. */
export type Serving =
  | 'yes'
  | 'noCertificate'
  | 'selfMade'
  | 'otherCa'
  | 'otherNode'
  | 'expired'
  | 'notVisible'
  | 'unknown'

export function servingOf(
  { name }: FleetNode,
  csr: FleetCsr | null,
  dialled: Dialled | null,
  now: number,
): Serving {
  if (dialled === null) return 'unknown'
  if (dialled.saw === 'nothing') return 'notVisible'
  if (dialled.saw === 'noCertificate') return 'noCertificate'
  const { certificate, verified } = dialled
  // Whichever CA the signer uses: this is what it issued.
  const isIssued = csr?.fingerprint === certificate.fingerprint256
  if (certificate.validToDate.getTime() < now) return 'expired'
  if (verified || isIssued) return isOf(certificate, name) ? 'yes' : 'otherNode'
  return isSelfMade(certificate, name) ? 'selfMade' : 'otherCa'
}

function isOf({ subject }: X509Certificate, name: string): boolean {
  return subject.split('\n').includes(`CN=system:node:${name}`)
}

/** kubernetes pkg/kubelet: GenerateSelfSignedCertKey signs with a CA called `<hostname>-ca@<seconds>`. */
function isSelfMade({ issuer }: X509Certificate, name: string): boolean {
  return issuer.toLowerCase().startsWith(`cn=${name}-ca@`)
}

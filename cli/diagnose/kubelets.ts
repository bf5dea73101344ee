import type { X509Certificate } from 'node:crypto'
import type { Dialled } from './dial.ts'
import type { CsrFacts, Kubelet, NodeFacts, Serving } from './facts.ts'
import { isIssuer } from './issuer.ts'

interface Seen {
  readonly dialled: ReadonlyMap<string, Dialled>
  /** Of the cluster. */
  readonly cas: readonly X509Certificate[]
  readonly now: number
}

/** Each Node with its newest CSR and what its kubelet showed. */
export function kubeletsOf(nodes: readonly NodeFacts[], csrs: readonly CsrFacts[], seen: Seen): Kubelet[] {
  const byNode = Map.groupBy(csrs, ({ node }) => node)
  return nodes
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map((node) => kubeletOf(node, byNode.get(node.name) ?? [], seen))
}

function kubeletOf(node: NodeFacts, csrs: readonly CsrFacts[], seen: Seen): Kubelet {
  // Of two in the same second, the one that was listed last.
  const own = csrs.toReversed().toSorted((one, other) => other.createdAt - one.createdAt)
  const dialled = seen.dialled.get(node.name) ?? null
  const certificate = dialled?.kind === 'certificate' ? dialled.certificate : null
  const signedBy = dialled?.kind === 'certificate' ? signerOf(dialled, own, seen.cas) : null
  return {
    node,
    csr: own[0] ?? null,
    denied: own.filter(({ state }) => state === 'denied').length,
    dialled,
    certificate,
    signedBy,
    serving: servingOf(node, dialled, signedBy, seen.now),
  }
}

/** kubernetes pkg/kubelet, GenerateSelfSignedCertKey: the CA that a kubelet makes for itself. */
const OWN_CA = /^CN=.+-ca@\d+$/u

function signerOf(
  { certificate, verified }: Extract<Dialled, { readonly kind: 'certificate' }>,
  csrs: readonly CsrFacts[],
  cas: readonly X509Certificate[],
): Kubelet['signedBy'] {
  // Whichever CA the signer uses: this is what it issued.
  const isIssued = csrs.some((csr) => csr.certificate?.fingerprint256 === certificate.fingerprint256)
  if (verified || isIssued || cas.some((ca) => isIssuer(ca, certificate))) return 'cluster'
  return OWN_CA.test(certificate.issuer) ? 'itself' : 'another'
}

function servingOf(
  { name }: NodeFacts,
  dialled: Dialled | null,
  signedBy: Kubelet['signedBy'],
  now: number,
): Serving {
  if (dialled === null) return 'unknown'
  if (dialled.kind === 'nothing') return 'notVisible'
  if (dialled.kind === 'noCertificate') return 'noCertificate'
  if (dialled.certificate.validToDate.getTime() < now) return 'expired'
  if (signedBy !== 'cluster') return signedBy === 'itself' ? 'selfMade' : 'otherCa'
  return commonNamesOf(dialled.certificate).includes(`system:node:${name}`) ? 'yes' : 'otherNode'
}

/** The common names of a certificate. */
export function commonNamesOf({ subject }: X509Certificate): string[] {
  return subject.split('\n').flatMap((part) => (part.startsWith('CN=') ? [part.slice(3)] : []))
}

import type { X509Certificate } from 'node:crypto'
import type { Dialled } from './dial.ts'
import { type Finding, findingOf } from './finding.ts'
import type { FleetCsr, FleetNode } from './read-fleet.ts'
import { type Serving, servingOf } from './serving.ts'

/** How a node stands on the way to its serving certificate. */
export interface Standing {
  readonly node: FleetNode
  readonly csr: FleetCsr | null
  readonly serving: Serving
  /** The certificate that it showed, if any. */
  readonly certificate: X509Certificate | null
  readonly finding: Finding | null
}

const DAY_MS = 86_400_000
/** @param dialled null if the kubelet was not dialled */
export function standingOf(
  node: FleetNode,
  csr: FleetCsr | null,
  { dialled, now }: { readonly dialled: Dialled | null; readonly now: number },
): Standing {
  const certificate = dialled?.saw === 'certificate' ? dialled.certificate : null
  const serving = servingOf(node, csr, dialled, now)
  const finding = findingOf({ node, csr, certificate, serving }, { dialled, now })
  return { node, csr, serving, certificate, finding }
}

/** Whether a node is done: its kubelet serves a certificate of the cluster, and nothing is wrong with it. */
export function isServing({ serving, finding }: Standing): boolean {
  return serving === 'yes' && finding === null
}

/** Whole days until the certificate expires, negative after that. */
export function daysLeft(certificate: X509Certificate, now: number): number {
  return Math.floor((certificate.validToDate.getTime() - now) / DAY_MS)
}

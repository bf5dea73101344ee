import type { X509Certificate } from 'node:crypto'
import { oneLine } from '../../policies/text.ts'
import type { Dialled } from './dial.ts'
import type { FleetCsr, FleetNode } from './read-fleet.ts'
import type { Serving } from './serving.ts'

/** What is wrong with a node, as a code for programs and a sentence for people. */
export interface Finding {
  readonly code: FindingCode
  readonly message: string
}

type FindingCode =
  | 'NoCsr'
  | 'CsrPending'
  | 'CsrDenied'
  | 'CsrFailed'
  | 'NotIssued'
  | 'NotServedYet'
  | 'BootstrapOff'
  | 'OtherCa'
  | 'OtherNode'
  | 'Expired'
  | 'ExpiresSoon'
  | 'AddressMissing'
  | 'NotVisible'

/** A kubelet asks again when 70 to 90 % of the lifetime are over (client-go certificate manager). */
const LATE = 0.1

/** All of a standing but its finding. */
interface Seen {
  readonly node: FleetNode
  readonly csr: FleetCsr | null
  readonly serving: Serving
  readonly certificate: X509Certificate | null
}

interface Circumstances {
  readonly dialled: Dialled | null
  readonly now: number
}

/** What is wrong with a node, most telling first; null if nothing was seen. */
export function findingOf(seen: Seen, circumstances: Circumstances): Finding | null {
  return findings[seen.serving](seen, circumstances)
}

const findings: Readonly<Record<Serving, (seen: Seen, circumstances: Circumstances) => Finding | null>> = {
  yes: ({ certificate, node }, { now }) =>
    certificate === null ? null : findingOfCertificate(certificate, node, now),
  noCertificate: ({ csr }, { now }) => findingOfCsr(csr, now) ?? noCsr,
  expired: ({ csr }, { now }) => findingOfCsr(csr, now) ?? expired,
  selfMade: () => bootstrapOff,
  otherCa: ({ certificate }) => otherCa(certificate),
  otherNode: ({ certificate }) => otherNode(certificate),
  notVisible: (seen, { dialled, now }) => findingOfOpenCsr(seen, now) ?? notVisible(dialled),
  unknown: (seen, { now }) => findingOfOpenCsr(seen, now),
}

const noCsr: Finding = {
  code: 'NoCsr',
  message:
    'has no certificate and has not asked for one within the hour. See the log of its kubelet, and whether it may create CSRs',
}
const expired: Finding = { code: 'Expired', message: 'its certificate has expired' }
const bootstrapOff: Finding = {
  code: 'BootstrapOff',
  message: 'its certificate is self-made: set serverTLSBootstrap: true in its KubeletConfiguration',
}

function otherCa(certificate: X509Certificate | null): Finding {
  const issuer = oneLine(certificate?.issuer.replaceAll('\n', ', ') ?? '', 120)
  return { code: 'OtherCa', message: `its certificate is of another CA: ${issuer}` }
}

function otherNode(certificate: X509Certificate | null): Finding {
  return { code: 'OtherNode', message: `its certificate is of ${oneLine(certificate?.subject ?? '', 120)}` }
}

function notVisible(dialled: Dialled | null): Finding {
  const because = dialled?.saw === 'nothing' ? dialled.because : ''
  return { code: 'NotVisible', message: `its kubelet is not visible from here: ${because}` }
}

/** A CSR that is issued may have a kubelet that was not dialled, or not reached: nothing is wrong that could be seen. */
function findingOfOpenCsr({ csr }: Seen, now: number): Finding | null {
  return csr?.state === 'issued' ? null : findingOfCsr(csr, now)
}

function findingOfCsr(csr: FleetCsr | null, now: number): Finding | null {
  if (csr === null) return null
  const { name, state, message, createdAt } = csr
  const waited = age(now - createdAt)
  switch (state) {
    case 'pending':
      return {
        code: 'CsrPending',
        message: `nobody has approved ${name} for ${waited}: kubelet-csr-gate explain csr/${name}`,
      }
    case 'denied':
      return { code: 'CsrDenied', message: `${name} was denied: ${oneLine(message, 200)}` }
    case 'failed':
      return { code: 'CsrFailed', message: `the signer refused ${name}: ${oneLine(message, 200)}` }
    case 'approved':
      return {
        code: 'NotIssued',
        message: `${name} is approved and not issued after ${waited}: see whether the signer of kube-controller-manager runs`,
      }
    case 'issued':
      return { code: 'NotServedYet', message: `${name} is issued and not served yet` }
  }
}

function findingOfCertificate(
  certificate: X509Certificate,
  { dial }: FleetNode,
  now: number,
): Finding | null {
  const until = certificate.validToDate.getTime()
  const left = until - now
  if (left < (until - certificate.validFromDate.getTime()) * LATE)
    return { code: 'ExpiresSoon', message: `its certificate expires in ${age(left)} and was not renewed` }
  if (dial !== null && certificate.checkIP(dial.address) === undefined)
    return {
      code: 'AddressMissing',
      message: `its certificate misses ${dial.address}: restart its kubelet, which then asks with its present addresses`,
    }
  return null
}

/** `45s`, `3m`, `2h`, `9d`: whole units, rounded down. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`
}

import type { X509Certificate } from 'node:crypto'
import { oneLine } from '../../policies/text.ts'
import { parseAltNames } from '../../server/alt-names.ts'
import type { Session } from '../cluster/session.ts'
import type { Finding } from '../diagnose/check.ts'
import { diagnose, type Standing, standingsOf } from '../diagnose/diagnose.ts'
import { stepLines } from '../diagnose/fixes.ts'
import type { CsrFacts, Facts, Serving } from '../diagnose/facts.ts'
import { sorted, summaryOf, type Summary } from '../status/result.ts'

/** What the page shows. Times are milliseconds since the epoch. fleet.mjs reads it. */
export interface Contents {
  readonly context: string
  readonly server: string
  /** Of the API server. */
  readonly version: string
  /** Of the program. */
  readonly madeBy: string
  readonly now: number
  readonly summary: Summary & { readonly denied: number }
  /** Problems first. */
  readonly nodes: readonly NodeRow[]
  readonly csrs: readonly CsrRow[]
  /** The worst first. */
  readonly findings: readonly FindingRow[]
}

interface FindingRow extends Omit<Finding, 'cis' | 'means' | 'fix'> {
  /** A step a line. */
  readonly fix: readonly string[]
}

interface NodeRow {
  readonly name: string
  readonly ready: boolean
  readonly serving: Serving
  readonly notBefore: number | null
  readonly notAfter: number | null
  /** Where the certificate was seen. */
  readonly from: 'kubelet' | 'csr' | null
  readonly issuer: string
  readonly addresses: readonly { readonly type: string; readonly value: string; readonly covered: boolean }[]
  readonly sans: readonly string[]
  readonly finding: string
}

interface CsrRow {
  readonly name: string
  readonly node: string
  readonly createdAt: number
  readonly state: string
  readonly reason: string
  readonly message: string
}

export function contentsOf(
  { context, server, version }: Pick<Session, 'context' | 'server' | 'version'>,
  facts: Facts,
  madeBy: string,
): Contents {
  const csrs = facts.csrs.known ? facts.csrs.value : []
  const standings = standingsOf(facts)
  return {
    context,
    server,
    version,
    madeBy,
    now: facts.now,
    summary: { ...summaryOf(standings), denied: csrs.filter(({ state }) => state === 'denied').length },
    nodes: sorted(standings).map(nodeRow),
    csrs: csrs.map(csrRow).toSorted((one, other) => other.createdAt - one.createdAt),
    findings: diagnose(facts).map(findingRow),
  }
}

/** A certificate of the signer names what its kubelet asked for; one of somebody else may name anything. */
const SANS_MAX = 64
/** The longest DNS name. */
const NAME_MAX = 253
/** A Node reports a handful. */
const ADDRESSES_MAX = 32
const TEXT_MAX = 1_024

function nodeRow({ node, csr, serving, certificate: served, finding }: Standing): NodeRow {
  const certificate = served ?? csr?.certificate ?? null
  const sans = sansOf(certificate)
  return {
    name: oneLine(node.name, NAME_MAX),
    ready: node.ready,
    serving,
    ...(certificate === null ? NO_CERTIFICATE : seen(certificate)),
    from: certificate === null ? null : certificate === served ? 'kubelet' : 'csr',
    addresses: node.addresses.slice(0, ADDRESSES_MAX).map(({ type, address }) => ({
      type: oneLine(type, 20),
      value: oneLine(address, NAME_MAX),
      covered: sans.includes(address.toLowerCase()),
    })),
    sans: sans.slice(0, SANS_MAX).map((san) => oneLine(san, NAME_MAX)),
    finding: finding?.evidence ?? '',
  }
}

type SeenCertificate = Pick<NodeRow, 'notBefore' | 'notAfter' | 'issuer'>

const NO_CERTIFICATE: SeenCertificate = { notBefore: null, notAfter: null, issuer: '' }

function seen({ validFromDate, validToDate, issuer }: X509Certificate): SeenCertificate {
  return {
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
    issuer: oneLine(issuer.replaceAll('\n', ', '), NAME_MAX),
  }
}

function sansOf(certificate: X509Certificate | null): string[] {
  const { names, addresses } = parseAltNames(certificate?.subjectAltName)
  return [...names, ...addresses.map(canonical)]
}

/** Node.js writes IPv6 addresses of certificates at full length, as `FD00:0:0:0:0:0:0:1`. */
function canonical(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

function csrRow({ name, node, createdAt, state, reason, message }: CsrFacts): CsrRow {
  return {
    name: oneLine(name, NAME_MAX),
    node: oneLine(node, NAME_MAX),
    createdAt,
    state,
    reason: oneLine(reason, 80),
    message: oneLine(message, TEXT_MAX),
  }
}

function findingRow({ code, severity, subject, evidence, fix }: Finding): FindingRow {
  const text = (all: string): string => oneLine(all, TEXT_MAX)
  const steps = stepLines(fix).map(text)
  return { code, severity, subject: text(subject), evidence: text(evidence), fix: steps }
}

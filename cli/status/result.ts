import type { X509Certificate } from 'node:crypto'
import type { Belongings } from './belongs.ts'
import type { Finding } from '../diagnose/check.ts'
import { isServing, type Standing } from '../diagnose/diagnose.ts'

/** Problems first, then by name. */
export function sorted(standings: readonly Standing[]): Standing[] {
  const rank = (standing: Standing): number => {
    const { serving } = standing
    if (serving === 'yes') return isServing(standing) ? 3 : 1
    return serving === 'notVisible' || serving === 'unknown' ? 2 : 0
  }
  return standings.toSorted((one, other) => rank(one) - rank(other))
}

export interface Summary {
  readonly nodes: number
  readonly serving: number
  readonly pending: number
  readonly notVisible: number
}

export function summaryOf(standings: readonly Standing[]): Summary {
  const count = (matches: (standing: Standing) => boolean): number => standings.filter(matches).length
  return {
    nodes: standings.length,
    serving: count(({ serving }) => serving === 'yes'),
    pending: count(({ csr }) => csr?.state === 'pending'),
    notVisible: count(({ serving }) => serving === 'notVisible' || serving === 'unknown'),
  }
}

/** The shape that docs/cli.md lists. */
export function jsonOf(standings: readonly Standing[], now: number, belongings: Belongings): object {
  return {
    summary: summaryOf(standings),
    nodes: standings.map((standing) => ({
      ...nodeJson(standing, now),
      belongs: belongings?.get(standing.node.name) ?? null,
    })),
  }
}

/** How one node stands, as JSON. */
export function nodeJson({ node, csr, serving, certificate, finding }: Standing, now: number): object {
  return {
    name: node.name,
    ready: node.ready,
    csr:
      csr === null
        ? null
        : { name: csr.name, state: csr.state, ageSeconds: Math.floor((now - csr.createdAt) / 1_000) },
    serving,
    address: node.dial?.address ?? null,
    port: node.dial?.port ?? null,
    certificate:
      certificate === null
        ? null
        : {
            subject: certificate.subject.replaceAll('\n', ', '),
            issuer: certificate.issuer.replaceAll('\n', ', '),
            names: certificate.subjectAltName ?? '',
            notAfter: certificate.validToDate.toISOString(),
            daysLeft: daysLeft(certificate, now),
            sha256: certificate.fingerprint256,
          },
    finding: finding === null ? null : findingJson(finding),
  }
}

function findingJson({ code, severity, evidence, fix }: Finding): object {
  return { code, severity, evidence, fix }
}

const DAY_MS = 86_400_000

/** Whole days until the certificate expires, negative after that. */
export function daysLeft(certificate: X509Certificate, now: number): number {
  return Math.floor((certificate.validToDate.getTime() - now) / DAY_MS)
}

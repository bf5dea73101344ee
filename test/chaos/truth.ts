/** What must hold after a storm, judged by what the API server stored and what passed the doors. */
import { X509Certificate } from 'node:crypto'
import { isDecision, type Passing } from '../faults/proxy.ts'
import { percentile } from '../lab/bench/statistics.ts'
import type { Approval, History } from './history.ts'
import type { Probed } from './hostile/liveness.ts'
import type { Replica } from './installation.ts'
import type { Befell } from './storm.ts'
import type { Asked } from './traffic.ts'

interface Passed {
  readonly name: string
  readonly service: { readonly child: { ended(): string | number | null } }
  readonly door: { readonly proxy: { readonly seen: readonly Passing[] } }
}

export interface Promised {
  readonly what: string
  readonly seen: string
  readonly isKept: boolean
}

/** After the last fault that befell while a CSR waited: a leader that was killed is followed within 20 s. */
const DECIDED_WITHIN_MS = 20_000
/** Nodes that hostile input is from: they use up their share, and then wait. */
const HOSTILE = /^system:node:(?:hostile|minted)/u
/** A watch for each of eight lists, and as many for what goes on. */
const CONNECTIONS_MAX = 16
/** Idle connections are closed after a minute. */
export const IDLE_MS = 75_000

export interface Seen {
  readonly asked: Asked
  readonly history: Pick<History, 'approvals' | 'reportedAt'>
  readonly befell: readonly Befell[]
  /** What passed the door of each. */
  readonly replicas: readonly Passed[]
}

export function promisesOf({ asked, history, befell, replicas }: Seen): readonly Promised[] {
  const approvals = [...history.approvals.values()]
  const honest = approvals.filter(({ user }) => !HOSTILE.test(user))
  const waits = honest.map((approval) => waitAfterFaults(approval, befell))
  const late = honest.flatMap(({ csr, createdAt }, index) =>
    (waits[index] ?? 0) > DECIDED_WITHIN_MS ? [`${csr}, created at ${(createdAt / 1_000).toFixed(1)} s`] : [],
  )
  const hostile = [...history.approvals]
    .filter(([uid]) => asked.hostile.has(uid))
    .map(([, approval]) => approval)
  const unlike = approvals.filter((approval) => !wasReported(approval, history))
  const written = replicas.flatMap(({ door }) =>
    door.proxy.seen.filter((one) => isDecision(one) && one.status === 200),
  )
  const twice = written.length - new Set(written.map(({ url }) => url)).size
  const beside = writesBesideLeader(replicas)
  const ended = replicas.filter(({ service }) => service.child.ended() !== null)
  return [
    kept('honest kubelets without a certificate', asked.lost.length, 0, asked.lost.slice(0, 5).join('; ')),
    kept(
      'hostile CSRs approved',
      hostile.length,
      0,
      `of ${asked.hostile.size}; the webhook refused ${asked.refused} more`,
    ),
    kept(
      'certificates for what their Node did not report when they were approved',
      unlike.length,
      0,
      namesOf(unlike),
    ),
    kept('CSRs with two successful decisions', twice, 0, `of ${written.length}`),
    kept('decisions by who did not lead', beside.length, 0, beside.join('; ')),
    kept('processes that ended by themselves', ended.length, 0, ended.map(({ name }) => name).join('; ')),
    slowest('seconds from the last fault, or the CSR, to its approval', waits, DECIDED_WITHIN_MS, late),
  ]
}

/** Of probes as a kubelet sends them. */
export function livenessOf({ sent, failed, restarts, slowestMs }: Probed): Promised {
  const more = `${failed} of ${sent} probes of /livez failed; the slowest took ${slowestMs.toFixed(0)} ms`
  return kept('restarts by a kubelet, after three failed probes', restarts, 0, more)
}

/** Once nobody has asked for {@link IDLE_MS}. */
export function leaksOf(replicas: readonly Replica[]): Promised {
  const all = replicas
    .map(({ name, door }) => [door.connections, name] as const)
    .sort(([one], [other]) => other - one)
  const [[most, name] = [0, '']] = all
  return kept('connections of a replica a minute after the last CSR', most, CONNECTIONS_MAX, name)
}

export function kept(what: string, found: number, most: number, more: string): Promised {
  return { what, seen: `${found} ≤ ${most}${more === '' ? '' : `  ${more}`}`, isKept: found <= most }
}

/** Of waits in milliseconds, the longest counts. */
export function slowest(
  what: string,
  waits: readonly number[],
  withinMs: number,
  late: readonly string[] = [],
): Promised {
  const most = Math.round(Math.max(0, ...waits) / 100) / 10
  const shares = `of ${waits.length}; p50 ${seconds(waits, 0.5)}, p99 ${seconds(waits, 0.99)}`
  return kept(what, most, withinMs / 1_000, [shares, ...late].join('; '))
}

function seconds(waits: readonly number[], share: number): string {
  return waits.length === 0 ? '-' : (percentile(waits, share) / 1_000).toFixed(1)
}

function namesOf(approvals: readonly Approval[]): string {
  return approvals
    .map(({ csr, user }) => `${csr} of ${user}`)
    .slice(0, 5)
    .join('; ')
}

/** A fault that began while the CSR waited, or lasted when it was created, explains the wait up to its end. */
function waitAfterFaults({ createdAt, at }: Approval, befell: readonly Befell[]): number {
  const ends = befell.filter(({ from, until }) => from < at && until > createdAt).map(({ until }) => until)
  return Math.max(0, at - Math.max(createdAt, ...ends))
}

/** What the certificate says was what the Node of the requester reported when the CSR was approved. */
function wasReported({ user, revision, certificate }: Approval, history: Seen['history']): boolean {
  if (certificate === null) return true
  const reports = history.reportedAt(user.replace('system:node:', ''), revision)
  const names = new X509Certificate(certificate).subjectAltName?.split(', ') ?? []
  return names.length > 0 && names.every((name) => reports.includes(name.replace(/^(DNS|IP Address):/u, '')))
}

/** Each successful decision comes after a write of the Lease by the same replica, and none by another in between. */
function writesBesideLeader(replicas: readonly Passed[]): readonly string[] {
  let leader = ''
  const beside: string[] = []
  for (const one of writesOf(replicas)) {
    if (isOfLease(one)) leader = one.name
    if (isDecision(one) && one.name !== leader) beside.push(`${one.name} ${one.url}`)
  }
  return beside
}

/** The one that wrote the Lease last. */
export function leaderOf(replicas: readonly Replica[]): Replica {
  const last = writesOf(replicas).findLast(isOfLease)
  const leader = replicas.find(({ name }) => name === last?.name)
  if (leader === undefined) throw new Error('nobody leads')
  return leader
}

/** Those that succeeded, in the order of arrival. */
function writesOf(replicas: readonly Passed[]): readonly (Passing & { readonly name: string })[] {
  return replicas
    .flatMap(({ name, door }) => door.proxy.seen.map((one) => ({ name, ...one })))
    .filter(({ method, status }) => method !== 'GET' && status >= 200 && status < 300)
    .sort((one, other) => one.at - other.at)
}

function isOfLease({ url }: Passing): boolean {
  return url.includes('/leases')
}

/** Interfaces through which facts, admission and controller reach the outside. Tests implement them too. */
import type {
  Address,
  CsrObject,
  Decision,
  Facts,
  Family,
  Fault,
  Identity,
  Known,
  NodeFacts,
  ParsedRequest,
  ProbeResult,
  Purpose,
  Vouched,
} from '../policies/types.ts'
import type { Rules } from '../policies/rules.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export interface Clock {
  /** Milliseconds since the epoch by the API server's clock (from its `Date` header). */
  serverNow(): number
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number
}

/** Each call writes one line: a constant message, with values as fields. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, such as `/api/v1/nodes/n1`. */
  readonly path: string
  readonly body?: JsonObject
  /** Default `application/json`. */
  readonly contentType?: string
  readonly timeoutMs?: number
  /** The part of the object, or of each object of the list, that the server returns. Default: all of it. */
  readonly answerAs?: 'metadata' | 'listOfMetadata'
  /** Called right before the request is sent. If it returns false, nothing is sent and the reason is `Withheld`. */
  readonly maySend?: () => boolean
  readonly signal?: AbortSignal
  /** Sent even while the API server asks to wait. For the Lease: another replica would take it. */
  readonly urgent?: boolean
  /** Needs the right to. */
  readonly as?: Impersonation
}

export interface Impersonation {
  readonly user: string
  readonly groups: readonly string[]
}

/** The API server's answer. A call without an answer (refused, reset, timed out) has status 0. */
export type ApiAnswer =
  | { readonly ok: true; readonly status: number; readonly object: JsonObject }
  | {
      readonly ok: false
      readonly status: number
      /** Status.reason, or `Unreachable`, `TimedOut`, `Unreadable`, `TooLarge`, `Withheld`. */
      readonly reason: string
      readonly message: string
      /** From the Retry-After header, or null. */
      readonly retryAfterMs: number | null
    }

/** `works`: kubelets answer. `uncertain`: too few do, or too few ever did, for silence to say anything. */
export type Network = 'works' | 'uncertain'

/** An address at which a Node's kubelet has answered before. */
export interface ProvenAddress {
  readonly node: string
  readonly address: Address
}

/** Dials addresses on the kubelet's port. Bounded in number, rate and time. */
export interface Prober {
  /**
   * Has each address dialled that has no recent result. Resolves when all have one, or when the signal fires or the prober's
   * own time is over. Never rejects.
   */
  probe(addresses: readonly Address[], signal?: AbortSignal): Promise<void>
  /** What was seen there last, or undefined if there is no recent result. */
  result(address: Address): ProbeResult | undefined
  /** Whether kubelets of a pool answer at addresses of a family; undefined if nobody looked a moment ago. */
  network(family: Family, pool: string | null): Network | undefined
  /** Looks whether they do, unless that was done a moment ago. Never rejects. */
  lookAtNetwork(family: Family, pool: string | null, signal?: AbortSignal): Promise<void>
}

/** Asks DNS where names lead. Bounded in number, time and memory. */
export interface Resolver {
  /**
   * Looks up the names that were not looked up a moment ago, as many as one CSR may cost. Resolves within a second. Never
   * rejects.
   */
  lookUp(names: readonly string[]): Promise<void>
  /** All addresses of a name, or why they are not known; undefined if nobody asked a moment ago. */
  answer(name: string): Known<readonly Address[]> | undefined
}

/** What a source of truth is asked about. */
export interface Asked {
  /** The requester's Node; `providerId` is absent if it is not known. */
  readonly node: Pick<NodeFacts, 'name' | 'providerId'>
  /** In lower case. */
  readonly names: readonly string[]
  readonly addresses: readonly Address[]
}

/** The sources of truth that are configured: who has which names and addresses, by other words than the node's own. */
export interface Truth {
  /** What each says, as far as it is known now. */
  vouched(asked: Asked): readonly Vouched[]
  /**
   * Has those that must be asked over the network answer. Resolves within seconds to whether they may say something else now.
   * Never rejects.
   */
  ask(asked: Asked): Promise<boolean>
}

export interface Api {
  /** Never rejects: a failed call is an answer. */
  call(call: ApiCall): Promise<ApiAnswer>
}

export interface Change<T> {
  readonly key: string
  readonly before: T | undefined
  readonly after: T | undefined
}

/** The objects of one list, as an informer keeps them. The key is the name, or `namespace/name` if namespaced. */
export interface Store<T> {
  /** The plural name of its objects for messages, such as `Nodes`. */
  readonly title: string
  get(key: string): T | undefined
  /** Whether there is such an object and it cannot be read now, such as one that is too large. `get` returns its last state. */
  isUnreadable(key: string): boolean
  values(): Iterable<T>
  readonly size: number
  /**
   * `syncing` until the first list is in; `live` from then on, however old; `absent` when the server does not serve the
   * resource: an answer, not an unknown. `ageMs`: what the store shows is no older than this. `problem`: the last failure
   * while it lasts.
   */
  state(): {
    readonly phase: 'syncing' | 'live' | 'absent'
    readonly ageMs: number
    readonly problem: string | null
  }
  /** Resolves once the store is no older than `maxAgeMs`, or one more list was read or failed. Never rejects. */
  refresh(maxAgeMs: number): Promise<void>
  subscribe(listener: (change: Change<T>) => void): void
}

/** The judged fields of a CertificateSigningRequest, and its `spec.request`: base64 of the PEM text, not yet parsed. */
export interface CsrReading {
  readonly csr: CsrObject
  readonly request: string
}

/** A CSR to judge. */
export interface JudgeInput extends CsrReading {
  readonly purpose: Purpose
  /** Who creates it, for `admit`: `userInfo` of the admission request. Else null. */
  readonly caller: Identity | null
  readonly signal?: AbortSignal
}

export interface Judgement {
  readonly decision: Decision
  readonly facts: Facts
  /** For `approve`, what each address asked for showed: `198.51.100.11 own`. */
  readonly proof?: readonly string[]
}

/** Gathers facts and evaluates them, stage by stage, by one snapshot of the rules. All purposes share one. Never rejects. */
export type Judge = (input: JudgeInput, rules: Rules) => Promise<Judgement>

/** In what an issued certificate can differ from the request that was approved. `encoding`: one of them cannot be read. */
export const issuedFields = ['encoding', 'publicKey', 'names', 'authority'] as const
export type IssuedField = (typeof issuedFields)[number]

export interface Mismatch {
  readonly field: IssuedField
  /** One line, safe to print. */
  readonly detail: string
}

/** What is kept of an issued certificate. */
export interface IssuedCertificate {
  /** Milliseconds since the epoch; 0 if the certificate cannot be read. */
  readonly notAfter: number
  readonly mismatches: readonly Mismatch[]
}

/**
 * Compares an issued certificate with the request that was approved.
 * @param certificate `status.certificate`: base64 of PEM text
 */
export type CompareIssued = (
  certificate: string,
  approved: { readonly request: ParsedRequest | Fault },
) => IssuedCertificate

/** Whether the CA that signs kubelet-serving certificates is also trusted for the API server. */
export type SharedCa = 'true' | 'false' | 'unknown'

/** The CAs that verify the API server for us. */
export interface Authorities {
  /** DER of each CA that we were told to trust; null if those of the system are trusted. */
  readonly trusted: readonly Buffer[] | null
  /** DER of each CA in the chains that API servers' certificates were verified by. */
  readonly chain: readonly Buffer[]
}

/** The action taken on a decision. */
export type Action = 'allowed' | 'warned' | 'refused' | 'approved' | 'denied' | 'left'

/** A decision to report once: as a log line, in metrics, and by the controller as an Event. */
export interface DecisionRecord {
  /** `guard`: about an approval by somebody else. `bootstrap-guard`: about the client CSR of a bootstrap token. */
  readonly component: 'webhook' | 'controller' | 'guard' | 'bootstrap-guard'
  readonly csr: CsrObject
  readonly decision: Decision
  readonly action: Action
  readonly durationMs: number
  readonly dryRun?: boolean
  /** `request.uid` of the AdmissionReview. */
  readonly reviewUid?: string
  /** For the guard: who approves. */
  readonly approver?: string
  /** The uid of the Node, if it was found. */
  readonly nodeUid?: string
  /** What each address asked for showed: `198.51.100.11 own`. */
  readonly proof?: readonly string[]
}
export type Report = (record: DecisionRecord) => void

/** A warning about a CSR after it was approved, for an Event. */
export interface Notice {
  readonly reason: 'IssuedMismatch' | 'NotIssued'
  /** One sentence, which the reason heads. */
  readonly note: string
  readonly csr: Pick<CsrObject, 'name' | 'uid'>
  readonly username: string
  /** The uid of the Node, if it is known. */
  readonly nodeUid: string | undefined
}

/** Why a watch is started again. */
export const watchRestarts = ['closed', 'expired', 'silent', 'refused'] as const
export type WatchRestart = (typeof watchRestarts)[number]

/** Nodes in the ledger, addresses of theirs that never answered, and ConfigMaps of it that cannot be read. */
export interface LedgerSize {
  readonly nodes: number
  readonly unproven: number
  readonly unreadable: number
}

/** How a write of the ledger ended. */
export const ledgerWrites = ['written', 'conflict', 'failed'] as const
export type LedgerWrite = (typeof ledgerWrites)[number]

/** What happened to a CSR in the queue of the controller. */
export interface QueueEvent {
  /** CSRs in the queue now. */
  readonly depth: number
  readonly added?: boolean
  readonly retried?: boolean
  readonly waitedMs?: number
  readonly workedMs?: number
}

/** Metrics that the API client, the informers, the controller and the Events update. */
export interface Recorder {
  apiRequest(verb: string, code: string): void
  watchRestart(list: string, reason: WatchRestart): void
  watchSpoke(list: string): void
  queue(event: QueueEvent): void
  /** `elapsedMs` is called at each scrape. It returns, for each CSR in progress, the milliseconds since its start. */
  underway(elapsedMs: () => readonly number[]): void
  leader(holds: boolean): void
  eventsDropped(count: number): void
  ledgerWritten(result: LedgerWrite): void
  /** An issued certificate differs from what was approved. */
  mismatched(field: IssuedField): void
}

/** Metrics that the prober updates. */
export interface ProbeRecorder {
  /** An address was dialled. */
  probed(saw: ProbeResult['kind'], seconds: number): void
  /** Both are called at each scrape. */
  probesFrom(state: { readonly inProgress: () => number; readonly blind: () => boolean }): void
}

/** Metrics that the webhook updates. */
export interface AdmissionRecorder {
  /** An HTTP response was sent. */
  answered(status: number, seconds: number): void
  inFlight(count: number): void
  shed(): void
  /** An unexpected error was caught while a request was handled. */
  panicked(): void
}

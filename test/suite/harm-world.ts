/** A cluster in memory, judged by the real judge over the real facts: raw Nodes and CSRs in, decisions out. */
import { goodFacts } from '../../policies/good-request.fixture.ts'
import { compileRules, type Rules } from '../../policies/rules.ts'
import { defaultSettings } from '../../policies/settings.ts'
import type { CsrObject, Decision, NodeFacts, ParsedRequest, Purpose, San } from '../../policies/types.ts'
import { FactCache } from '../../server/facts/fact-cache.ts'
import { createJudge } from '../../server/judge.ts'
import { selectNode } from '../../server/facts/nodes.ts'
import type { Reservations } from '../../server/facts/reservations.ts'
import { FakeStore, noGrants } from '../../server/facts/store.fixture.ts'
import { grantedBy } from '../../server/facts/claims.ts'
import type { StoredCsr } from '../../server/facts/stored-csr.ts'
import type { Judge, JsonObject } from '../../server/ports.ts'

/** 2026-01-01T00:00:00Z */
export const START = 1_767_225_600_000
/** 198.51.100.10, where the API server listens, on the control-plane node. */
export const API_SERVER = '198.51.100.10'

/** What a node asks for; everything else is as a kubelet writes it, but for `request` and `csr`. */
export interface Asking {
  readonly node: string
  readonly sans: readonly San[]
  readonly request?: Partial<ParsedRequest>
  readonly csr?: Partial<CsrObject>
}

export class World {
  readonly #nodes = new FakeStore<NodeFacts>()
  readonly #csrs = new FakeStore<StoredCsr>()
  readonly #judge: Judge
  readonly #rules: Rules
  #now = START
  #asked = 0

  static async create(): Promise<World> {
    const compiled = await compileRules(defaultSettings, '0123456789ab')
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.faults))
    return new World(compiled.rules)
  }

  private constructor(rules: Rules) {
    this.#rules = rules
    const facts = new FactCache(this.#sources(), readWritten)
    const clock = { serverNow: () => this.#now, monotonic: () => this.#now }
    this.#judge = createJudge({
      facts,
      // nothing changes while a request is judged
      newNodes: { deadline: () => 0, next: async () => false },
      parsed: { read: readWritten, keep: () => undefined },
      clock,
      log: silent,
    })
  }

  /** A minute passes: after it, each node may have another CSR approved. */
  tick(): void {
    this.#now += 60_000
  }

  writeNode(name: string, object: JsonObject): void {
    this.#nodes.set(name, selectNode(object))
  }

  /** Both components' decisions on a request of now, which leaves no trace. */
  async judge(asking: Asking): Promise<Decision[]> {
    return [await this.#ask(asking, 'admit'), await this.#ask(asking, 'approve')]
  }

  /** Stores a request as if the webhook were off, and approves it if the controller would. */
  async store(asking: Asking): Promise<Decision> {
    const decision = await this.#ask(asking, 'approve')
    const csr = csrOf(asking, `csr-${(this.#asked += 1)}`, this.#now)
    const request = written(asking)
    const { name, uid, createdAt } = csr
    const stored = { name, uid, createdAt, username: csr.requester.username, failure: null, issued: null }
    const pending = { csr, request, resourceVersion: '1', conditions: [], whole: true }
    const isApproved = decision.verdict === 'approve'
    const claims = isApproved ? grantedBy(readWritten(request)) : []
    const approvedAt = isApproved ? this.#now : null
    this.#csrs.set(name, {
      ...stored,
      approvedAt,
      claims,
      byUs: isApproved,
      pending: isApproved ? null : pending,
    })
    return decision
  }

  async #ask(asking: Asking, purpose: Purpose): Promise<Decision> {
    const csr = csrOf(asking, 'csr-of-now', this.#now)
    const caller = purpose === 'admit' ? csr.requester : null
    const input = { purpose, csr, caller, request: written(asking) }
    const { decision } = await this.#judge(input, this.#rules)
    return decision
  }

  #sources() {
    /** 10.96.0.0/16 */
    const range = {
      kind: 'prefix',
      value: '0a600000/16',
      origin: 'the Service range',
      apiServer: false,
    } as const
    const ranges = new FakeStore<Reservations>({ kubernetes: [range] })
    return {
      nodes: this.#nodes,
      csrs: this.#csrs,
      reservations: () => [ranges],
      serviceAddresses: () => ranges,
      ledger: noGrants,
      prober: null,
      now: () => this.#now,
      apiServer: () => ({
        host: API_SERVER,
        certificateNames: ['kubernetes', 'kubernetes.default.svc', 'cp-1'],
        certificateAddresses: ['10.96.0.1', API_SERVER],
      }),
    }
  }
}

function csrOf({ node, csr }: Asking, name: string, createdAt: number): CsrObject {
  return {
    ...goodFacts.csr,
    name,
    uid: name,
    createdAt,
    ...csr,
    // What the API server sets itself, whatever the node writes.
    requester: { username: `system:node:${node}`, uid: '', groups: ['system:nodes'], extra: {} },
  }
}

let keys = 0

/** The request in JSON instead of DER: reading DER is another test's business. */
function written({ node, sans, request }: Asking): string {
  const parsed: ParsedRequest = {
    readable: true,
    subject: [
      [{ oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 13 }],
      [{ oid: '2.5.4.3', encoding: 'PrintableString', value: `system:node:${node}`, at: 36 }],
    ],
    attributes: [{ oid: '1.2.840.113549.1.9.14', values: 1, at: 158 }],
    extensions: [{ oid: '2.5.29.17', critical: false, at: 175 }],
    sans,
    key: { type: 'ECDSA', curve: 'P-256', bits: 256, at: 65 },
    signature: { algorithm: 'ECDSA-SHA256', fitsKey: true, verified: true, at: 220 },
    spkiSha256: String((keys += 1)).padEnd(64, 'f'),
    ...request,
  }
  return JSON.stringify(parsed)
}

function readWritten(text: string): ParsedRequest {
  const request: ParsedRequest = JSON.parse(text)
  return request
}

const quiet = () => undefined
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet }

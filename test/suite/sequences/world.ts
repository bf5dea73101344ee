/** A cluster in memory: real requests, the real judge, ledger and reconciler; the clock, the API and the machines are the test's. */
import { setImmediate as otherWork } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { parseAddress } from '../../../policies/address.ts'
import { goodFacts, rulesWith } from '../../../policies/good-request.fixture.ts'
import type { Rules } from '../../../policies/rules.ts'
import type { Settings } from '../../../policies/settings.ts'
import type { CsrObject, Decision, NodeFacts, Vouched } from '../../../policies/types.ts'
import { grantedBy } from '../../../server/facts/claims.ts'
import { FactCache } from '../../../server/facts/fact-cache.ts'
import { createJudge } from '../../../server/judge.ts'
import type { Reservations } from '../../../server/facts/reservations.ts'
import { FakeStore } from '../../../server/facts/store.fixture.ts'
import type { StoredCsr } from '../../../server/facts/stored-csr.ts'
import { LedgerReconciler } from '../../../server/ledger/reconciler.ts'
import { Ledger } from '../../../server/ledger/ledger.ts'
import { readUnverified } from '../../../server/pkcs10/request.ts'
import type { Asked, Judge } from '../../../server/ports.ts'
import { freshKeys, type Keys } from '../../kit/requests/keys.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { ConfigMaps, place } from './config-maps.ts'
import { Network } from './machines.ts'
import type { Damage } from './schema.ts'

/** 2026-01-01T00:00:00Z */
const START = 1_767_225_600_000
const SECOND = 1_000
const MINUTE = 60 * SECOND
const API_SERVER = '10.0.0.1'

/** How the controller sees who answers: `off` by policy, `blind` behind a firewall. */
export type Probing = 'off' | 'blind' | 'warn' | 'auto' | 'require'

export interface Circumstances {
  readonly probing: Probing
  /** Default true: kubelet-serving certificates are of the CA that the prober knows. */
  readonly knowsCa?: boolean
  readonly settings?: Partial<Settings>
  /** What the sources of truth say. */
  readonly says?: (asked: Asked) => readonly Vouched[]
}

export interface Asking {
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  /** Default: a new pair. */
  readonly keys?: Keys
  /** The name of the CSR. Default: a new one. */
  readonly csr?: string
}

export interface Answered {
  readonly webhook: Decision
  readonly controller: Decision
  readonly keys: Keys
  /** The webhook admits it, and the controller approves it. */
  readonly served: boolean
}

export class World {
  readonly network: Network
  readonly maps = new ConfigMaps()
  readonly #nodes = new FakeStore<NodeFacts>({}, 'Nodes')
  readonly #csrs = new FakeStore<StoredCsr>({}, 'CSRs')
  readonly #services = new FakeStore<Reservations>({
    kubernetes: [{ kind: 'prefix', value: '0a600000/16', origin: 'the Service range', apiServer: false }],
  })
  readonly #rules: Rules
  readonly #circumstances: Circumstances
  readonly #test: TestContext
  readonly #clock = { serverNow: () => this.#now, monotonic: () => this.#now }
  #now = START
  #count = 0
  #facts: FactCache
  #judge: Judge
  #ledger: Ledger
  #reconciler: LedgerReconciler

  static async create(t: TestContext, circumstances: Circumstances): Promise<World> {
    const addresses = circumstances.probing === 'blind' ? 'auto' : circumstances.probing
    return new World(
      t,
      circumstances,
      await rulesWith({
        ...circumstances.settings,
        proof: { addresses, names: 'warn' as const, unreachable: [] },
      }),
    )
  }

  private constructor(t: TestContext, circumstances: Circumstances, rules: Rules) {
    this.#test = t
    this.#circumstances = circumstances
    this.#rules = rules
    this.network = new Network(() => this.#now, circumstances.knowsCa ?? true)
    this.network.cut = circumstances.probing === 'blind'
    ;({
      ledger: this.#ledger,
      facts: this.#facts,
      reconciler: this.#reconciler,
      judge: this.#judge,
    } = this.#start())
  }

  /** A Node object, which its kubelet wrote. One that exists keeps its uid. */
  register(
    name: string,
    names: readonly string[],
    addresses: readonly string[],
    change: Partial<NodeFacts> = {},
  ): void {
    const known = this.#nodes.get(name)
    const reported = addresses.flatMap((address) => parseAddress(address) ?? [])
    const { uid, createdAt } = known ?? { uid: `uid-${(this.#count += 1)}`, createdAt: this.#now }
    const plain = { deleting: false, uninitialized: false, controlPlane: false }
    this.#nodes.set(name, {
      name,
      uid,
      createdAt,
      ...plain,
      names: [name, ...names].map((text) => text.toLowerCase()),
      addresses: reported,
      ...change,
    })
  }

  remove(name: string): void {
    this.#nodes.set(name, undefined)
  }

  /** Both components judge a new CSR; approved, it is stored as the API server would. */
  async ask(
    node: string,
    { names = [], addresses = [], keys = freshKeys('P-256'), csr: csrName }: Asking,
  ): Promise<Answered> {
    const commonName = `system:node:${node}`
    const { request } = buildRequest({ key: keys, commonName, dnsNames: [node, ...names], addresses })
    const csr = csrOf(commonName, csrName ?? `csr-${(this.#count += 1)}`, this.#now)
    const created = { purpose: 'admit', csr, caller: csr.requester, request } as const
    const { decision: webhook } = await this.#judge(created, this.#rules)
    const stored = { purpose: 'approve', csr, caller: null, request } as const
    const { decision, facts } = await this.#judge(stored, this.#rules)
    if (decision.verdict === 'approve' && facts.request.readable) {
      this.#facts.noteApproval(facts, this.#rules)
      this.#store(csr, grantedBy(facts.request))
    }
    const admits = webhook.verdict === 'approve' || webhook.verdict === 'unknown'
    return { webhook, controller: decision, keys, served: admits && decision.verdict === 'approve' }
  }

  pass(ms: number): void {
    this.#now += ms
  }

  /** The reconciler notices everything and writes it. */
  async keep(): Promise<void> {
    for (let turn = 0; turn < 3 || this.#ledger.dirty().size > 0; turn += 1) {
      if (turn > 100) throw new Error('the ledger is never written')
      this.#test.mock.timers.tick(500)
      await otherWork()
      await otherWork()
    }
  }

  /** Kubernetes deletes approved CSRs after an hour; meanwhile the ledger is written. */
  async collect(): Promise<void> {
    await this.keep()
    for (const { name } of this.#csrs.values()) this.#csrs.set(name, undefined)
    this.pass(70 * MINUTE)
  }

  /** The CSRs are gone, something happened to the ledger, and no process remembers what was in it. */
  async damage(how: Damage): Promise<void> {
    await this.collect()
    await this.#reconciler.stop()
    this.maps.damage(how)
    this.restart()
    this.#test.mock.timers.tick(500)
    await otherWork()
    await otherWork()
  }

  restart(): void {
    void this.#reconciler.stop()
    const { ledger, facts, reconciler, judge } = this.#start()
    this.#ledger = ledger
    this.#facts = facts
    this.#reconciler = reconciler
    this.#judge = judge
  }

  async close(): Promise<void> {
    await this.#reconciler.stop()
  }

  #start() {
    const ledger = new Ledger({ place, store: this.maps.store, log: silent })
    const { probing, says = () => [] } = this.#circumstances
    const sources = {
      nodes: this.#nodes,
      csrs: this.#csrs,
      reservations: () => [this.#services],
      serviceAddresses: () => this.#services,
      apiServer: () => ({
        host: API_SERVER,
        certificateNames: ['kubernetes', 'api.example.com'],
        certificateAddresses: ['10.96.0.1', API_SERVER],
      }),
      ledger,
      prober: probing === 'off' ? null : this.network,
      now: () => this.#now,
    }
    const truth = { vouched: says, ask: async () => false }
    const facts = new FactCache(sources, readUnverified, truth)
    const judge = createJudge({
      facts,
      newNodes: { deadline: () => 0, next: async () => false },
      parsed: { read: readUnverified, keep: quiet },
      clock: this.#clock,
      log: silent,
    })
    return { ledger, facts, judge, reconciler: this.#reconcilerOf(ledger, facts) }
  }

  #reconcilerOf(ledger: Ledger, facts: FactCache): LedgerReconciler {
    const reconciler: LedgerReconciler = new LedgerReconciler({
      ledger,
      place,
      nodes: this.#nodes,
      csrs: this.#csrs,
      rules: () => this.#rules,
      api: this.maps,
      clock: this.#clock,
      log: silent,
      // A process that was restarted is one that was killed: it writes nothing more.
      isLeader: () => this.#reconciler === reconciler,
      mayWrite: () => true,
      isInformed: () => true,
      busy: () => false,
      wrote: quiet,
      tellReleased: quiet,
    })
    facts.onApproval((approved) => reconciler.noteApproval(approved, this.#rules))
    return reconciler
  }

  #store({ name, uid, createdAt, requester }: CsrObject, claims: readonly string[]): void {
    const issued = { pending: null, failure: null, byUs: true, issued: null }
    const approvedAt = this.#now
    this.#csrs.set(name, {
      name,
      uid,
      createdAt,
      username: requester.username,
      approvedAt,
      claims,
      ...issued,
    })
  }
}

function csrOf(username: string, name: string, createdAt: number): CsrObject {
  const requester = { username, uid: '', groups: ['system:nodes', 'system:authenticated'], extra: {} }
  return { ...goodFacts.csr, name, uid: name, createdAt, requester }
}

const quiet = () => undefined
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet }

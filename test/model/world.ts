/** A small world around the product: what can happen in it, and what really is whose. */
import { goodFacts } from '../../policies/good-request.fixture.ts'
import type { Rules } from '../../policies/rules.ts'
import type { CsrObject, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import { grantedBy } from '../../server/facts/claims.ts'
import { FakeStore } from '../../server/facts/store.fixture.ts'
import type { StoredCsr } from '../../server/facts/stored-csr.ts'
import { ConfigMaps } from './config-maps.ts'
import { type Look, Machines } from './machines.ts'
import { Product } from './product.ts'
import { addressOf, isAddress, MOVE_MS, PERIOD_MS, type Spec } from './spec.ts'
import { Truth } from './truth.ts'

const START = 1_767_225_600_000
const YEAR_MS = 365 * 86_400_000
/** It has expired when a period has passed. */
const SHORTLY_MS = PERIOD_MS / 2

/** How a Node asks. */
export interface Asking {
  readonly values: readonly string[]
  readonly shortly: boolean
  /** Addresses of others at which it answers for that moment. */
  readonly answering: readonly string[]
}

export class World {
  readonly spec: Spec
  readonly machines: Machines
  readonly truth = new Truth()
  readonly maps: ConfigMaps
  readonly nodes = new FakeStore<NodeFacts>({}, 'Nodes')
  readonly csrs = new FakeStore<StoredCsr>({}, 'CSRs')
  /** Whose a source of truth says that a name or address is. */
  readonly vouched = new Map<string, string>()
  /** What this process has never read is not repaired. */
  isLedgerUnreadable = false
  product: Product
  readonly #rules: Rules
  #period = 0
  #moves = 0
  #count = 0

  constructor(spec: Spec, rules: Rules) {
    this.spec = spec
    this.#rules = rules
    this.maps = new ConfigMaps(spec.shardMaxBytes)
    this.machines = new Machines(spec, () => this.now())
    this.product = this.#start()
  }

  now(): number {
    return START + this.#period * PERIOD_MS + this.#moves * MOVE_MS
  }

  period(): number {
    return this.#period
  }

  /** The period in which a time was. */
  periodOf(time: number): number {
    return Math.floor((time - START) / PERIOD_MS)
  }

  get limits(): Rules['limits'] {
    return this.#rules.limits
  }

  get usesSource(): boolean {
    return this.#rules.settings.sources.length > 0
  }

  get isStrict(): boolean {
    return this.#rules.settings.proof.addresses === 'require'
  }

  get isStrictForNames(): boolean {
    return this.#rules.settings.proof.names === 'require'
  }

  /** A move takes its time. */
  step(): void {
    this.#moves += 1
  }

  /** Kubernetes collects approved CSRs after an hour. */
  passPeriod(): void {
    this.#period += 1
    this.#moves = 0
    for (const { name } of this.csrs.values()) this.csrs.set(name, undefined)
  }

  /** What is a Node's by right. */
  ownOf(node: string): string[] {
    const { unreported = [], names = {} } = this.spec
    const addresses = this.machines.addressesOf(node).filter((address) => !unreported.includes(address))
    return [...addresses, ...Object.keys(names).filter((name) => names[name] === node)]
  }

  /** Where a name leads in DNS: addresses by their short names. */
  leadsTo(name: string): readonly string[] {
    return this.spec.dns?.[name] ?? []
  }

  /** Whether DNS leads from a name to a machine, and nowhere else. */
  isNameOf(name: string, node: string): boolean {
    const addresses = this.leadsTo(name)
    return addresses.length > 0 && addresses.every((address) => this.machines.ownerOf(address) === node)
  }

  reportedBy(node: string): string[] {
    return [...(this.truth.reported.get(node)?.keys() ?? [])]
  }

  /** A Node object with its uid, or none. */
  report(node: string, values: readonly string[] | undefined): void {
    this.truth.report(node, values, {
      at: this.now(),
      waits: (value) => isAddress(value) && this.machines.at(value) === 'waiting',
    })
    this.nodes.set(node, values === undefined ? undefined : this.#node(node, values))
  }

  #node(name: string, values: readonly string[]): NodeFacts {
    const { uid, createdAt } = this.nodes.get(name) ?? {
      uid: `uid-${(this.#count += 1)}`,
      createdAt: this.now(),
    }
    return {
      name,
      uid,
      createdAt,
      deleting: false,
      uninitialized: false,
      controlPlane: false,
      names: [name, ...values.filter((value) => !isAddress(value))],
      addresses: values.filter(isAddress).map(addressOf),
    }
  }

  /** What `weigh` says of the approval, before it is known; null if it is not approved. */
  async ask<T>(node: string, asking: Asking, weigh: (looks: readonly Look[]) => T): Promise<T | null> {
    const { csr, request } = this.#request(node, asking)
    const looked = this.machines.looks.length
    this.machines.usurper = { node, addresses: asking.answering }
    const { decision, facts } = await this.product.judge(csr, request)
    const looks = this.machines.looks.slice(looked)
    const weighed = decision.verdict === 'approve' ? weigh(looks) : null
    this.machines.usurper = null
    if (weighed === null) return null
    this.product.noteApproval(facts)
    this.#store(csr, request)
    this.#grant(node, asking, csr, request)
    return weighed
  }

  #grant(node: string, { values, answering }: Asking, csr: CsrObject, request: ParsedRequest): void {
    const machine = this.machines.of(node)
    const answersAt = (value: string): boolean =>
      answering.includes(value) || (this.machines.ownerOf(value) === node && machine.on)
    const isProven = (value: string): boolean =>
      isAddress(value) ? answersAt(value) : this.usesSource || value === node || this.isNameOf(value, node)
    for (const value of values) this.truth.grant({ node, value, at: this.now(), unproven: !isProven(value) })
    const notAfter = this.now() + (csr.expirationSeconds ?? YEAR_MS / 1_000) * 1_000
    if (machine.on) machine.certificate = { key: request.spkiSha256, notAfter }
  }

  #request(node: string, { values, shortly }: Asking): { csr: CsrObject; request: ParsedRequest } {
    const count = (this.#count += 1)
    const username = `system:node:${node}`
    const requester = { ...goodFacts.csr.requester, username, extra: {} }
    const name = `csr-${count}`
    const expirationSeconds = shortly ? SHORTLY_MS / 1_000 : null
    const csr = { ...goodFacts.csr, name, uid: name, createdAt: this.now(), requester, expirationSeconds }
    const names = [node, ...values.filter((value) => !isAddress(value))]
    const sans = [
      ...names.map((value) => ({ kind: 'dNSName', value, at: 0 }) as const),
      ...values
        .filter(isAddress)
        .map((value) => ({ kind: 'iPAddress', value: addressOf(value), at: 0 }) as const),
    ]
    const [organization = [], [commonName] = []] = goodFacts.request.subject
    const subject = [organization, commonName === undefined ? [] : [{ ...commonName, value: username }]]
    const spkiSha256 = count.toString(16).padStart(32, '0').padEnd(64, '0')
    return { csr, request: { ...goodFacts.request, subject, sans, spkiSha256 } }
  }

  #store({ name, uid, createdAt, requester, expirationSeconds }: CsrObject, request: ParsedRequest): void {
    const notAfter = this.now() + (expirationSeconds ?? YEAR_MS / 1_000) * 1_000
    const rest = { pending: null, failure: null, byUs: true, issued: { notAfter, mismatches: [] } }
    const { username } = requester
    const approvedAt = this.now()
    const claims = grantedBy(request)
    this.csrs.set(name, { name, uid, createdAt, username, approvedAt, claims, ...rest })
  }

  /** The ledger takes in what has changed. */
  async keep(): Promise<void> {
    await this.product.keep()
    this.maps.deliver()
  }

  /** A controller starts, or another replica leads: nothing is in memory. */
  async restart(): Promise<void> {
    await this.product.stop()
    this.machines.looks.length = 0
    this.product = this.#start()
  }

  #vouchedFor(node: string): { readonly names: string[]; readonly addresses: string[] } {
    const values = [...this.vouched].flatMap(([value, owner]) => (owner === node ? [value] : []))
    const names = values.filter((value) => !isAddress(value))
    return { names, addresses: values.filter(isAddress).map(addressOf) }
  }

  #start(): Product {
    return new Product({
      nodes: this.nodes,
      csrs: this.csrs,
      maps: this.maps,
      rules: this.#rules,
      limits: this.#rules.limits,
      now: () => this.now(),
      dial: (address) => this.machines.dial(address),
      leadsTo: (name) => this.leadsTo(name).map(addressOf),
      vouched: (node) => this.#vouchedFor(node),
    })
  }
}

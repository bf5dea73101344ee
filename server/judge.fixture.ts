import assert from 'node:assert/strict'
import { goodFacts } from '../policies/good-request.fixture.ts'
import { compileRules } from '../policies/rules.ts'
import { defaultSettings } from '../policies/settings.ts'
import type { CsrObject, NodeFacts, ParsedRequest } from '../policies/types.ts'
import type { Judgement, JudgeInput, Prober, Resolver } from './ports.ts'
import { FactCache } from './facts/fact-cache.ts'
import { createJudge } from './judge.ts'
import { NewNodes } from './facts/new-nodes.ts'
import type { Reservations } from './facts/reservations.ts'
import { FakeStore, noGrants } from './facts/store.fixture.ts'
import type { StoredCsr } from './facts/stored-csr.ts'

export const NOW = Date.parse('2026-11-24T08:00:00Z')
const requester = { ...goodFacts.csr.requester, username: 'system:node:n1', extra: {} }

export const parsed: ParsedRequest = {
  ...goodFacts.request,
  subject: [
    [{ oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 10 }],
    [{ oid: '2.5.4.3', encoding: 'PrintableString', value: 'system:node:n1', at: 20 }],
  ],
  sans: [
    { kind: 'dNSName', value: 'n1', at: 50 },
    { kind: 'iPAddress', value: 'c6336401', at: 60 },
  ],
}

export function csr(changes: Partial<CsrObject> = {}): CsrObject {
  return { ...goodFacts.csr, name: 'csr-1', uid: 'c1', createdAt: NOW - 1_000, requester, ...changes }
}

export const node: NodeFacts = {
  name: 'n1',
  uid: 'u1',
  createdAt: NOW - 60_000,
  deleting: false,
  uninitialized: false,
  controlPlane: false,
  names: ['n1'],
  addresses: ['c6336401'],
}

interface Fixture {
  readonly judge: (input: JudgeInput) => Promise<Judgement>
  readonly facts: FactCache
  readonly nodes: FakeStore<NodeFacts>
  readonly csrs: FakeStore<StoredCsr>
  readonly serviceCidrs: FakeStore<Reservations>
  /** What was logged as an error. */
  readonly errors: readonly unknown[]
  pass(ms: number): void
}

interface Looking {
  readonly dials?: (node: string) => boolean
  readonly resolver?: Resolver | null
}

export async function begin(
  read: (request: string) => ParsedRequest = () => parsed,
  kept: unknown[] = [],
  prober: Prober | null = null,
  { dials = () => true, resolver = null }: Looking = {},
): Promise<Fixture> {
  const compiled = await compileRules(defaultSettings, 'abc')
  assert.ok(compiled.ok)
  const nodes = new FakeStore({ n1: node }, 'Nodes')
  const csrs = new FakeStore<StoredCsr>({}, 'CSRs')
  const serviceCidrs = new FakeStore<Reservations>({ kubernetes: [serviceRange] }, 'Service ranges')
  const apiServer = () => ({
    host: '192.0.2.10',
    certificateNames: ['kubernetes'],
    certificateAddresses: ['192.0.2.10'],
  })
  const sources = {
    nodes,
    csrs,
    reservations: () => [serviceCidrs],
    serviceAddresses: () => serviceCidrs,
    apiServer,
    ledger: noGrants,
    prober,
    dials,
    resolver,
    now: () => NOW,
  }
  const facts = new FactCache(sources, () => parsed)
  const silent = () => undefined
  const errors: unknown[] = []
  const log = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (about: unknown) => void errors.push(about),
  }
  let elapsedMs = 0
  const clock = { serverNow: () => NOW, monotonic: () => elapsedMs }
  const pass = (ms: number) => void (elapsedMs += ms)
  const judgeBy = createJudge({
    facts,
    newNodes: new NewNodes(nodes, clock),
    parsed: { read, keep: (...both) => kept.push(both) },
    clock,
    log,
  })
  const judge = async (input: JudgeInput) => await judgeBy(input, compiled.rules)
  return { judge, facts, nodes, csrs, serviceCidrs, errors, pass }
}

/** An approved CSR of n1 or of another node, made `agoMs` before now. */
export function approved(name: string, agoMs: number, username = requester.username): StoredCsr {
  const createdAt = NOW - agoMs
  const decided = { approvedAt: createdAt, pending: null, failure: null, byUs: true, issued: null }
  return { name, uid: name, username, createdAt, claims: ['dNSName:n1', 'iPAddress:c6336401'], ...decided }
}

export function inputFor(purpose: JudgeInput['purpose'], changes: Partial<CsrObject> = {}): JudgeInput {
  return { purpose, csr: csr(changes), caller: purpose === 'admit' ? requester : null, request: 'x' }
}

const serviceRange = {
  kind: 'prefix',
  value: '0a600000/16',
  origin: 'the Service range kubernetes',
  apiServer: false,
} as const

import type { TestContext } from 'node:test'
import { setImmediate as otherWork } from 'node:timers/promises'
import { defaultRules } from '../../policies/good-request.fixture.ts'
import type { DecisionReason } from '../../policies/codes.ts'
import { defaultSettings, type Settings } from '../../policies/settings.ts'
import type { NodeFacts, Verdict } from '../../policies/types.ts'
import type { View } from '../../test/embedded/view.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { selectNode } from '../facts/nodes.ts'
import { unexamined } from '../facts/store.fixture.ts'
import { objectAt, textAt } from '../json.ts'
import { Informer } from '../kube/informer.ts'
import { csrQuery } from '../facts/informers.ts'
import { readUnverified } from '../pkcs10/request.ts'
import { CSRS_PATH, keepCsr, type StoredCsr } from '../facts/stored-csr.ts'
import { type Cluster, connect } from '../kube/transport.ts'
import type { Judge, JsonObject, JudgeInput, DecisionRecord, Store } from '../ports.ts'
import { type Controller, type ControllerDependencies, startController } from './controller.ts'

const NODES_PATH = '/api/v1/nodes'

/** The verdict of the scripted judge for a CSR. */
export type Script = (input: JudgeInput) => Verdict | Promise<Verdict>

export interface Fixture {
  readonly api: FaultyApi
  readonly cluster: Cluster
  readonly csrs: View
  readonly nodes: View
  readonly reported: DecisionRecord[]
  /** Names of CSRs in the order in which they were judged. */
  readonly judged: string[]
  readonly logged: string[]
  readonly controller: Controller
  script: Script
  /** Of the verdict `notYet`. */
  notYet: DecisionReason
  settings: Settings
  leads: boolean
  /** What the controller knows of the Nodes and of the CSRs. */
  readonly knownNodes: Store<NodeFacts>
  readonly knownCsrs: Store<StoredCsr>
  /** How many CSRs wait in its queue. */
  readonly queued: () => number
  /** Lets so many milliseconds of the controller's clock go by. What they begin has ended then. */
  readonly pass: (ms: number) => Promise<void>
  /** Lets time go by until there is something. */
  readonly passUntil: (look: () => boolean, what: string, withinMs?: number) => Promise<void>
}

/** Starts the controller with an API server and a judge that returns scripted verdicts. Its clock stands still until {@link Fixture.pass}. */
export async function openFixture(
  t: TestContext,
  script: Script,
  changes: Partial<ControllerDependencies> = {},
): Promise<Fixture> {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: Date.now() })
  const api = await FaultyApi.start()
  const { log, recorder, said: logged } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  const parts = { cluster, log, recorder, times: { longestWaitMs: 300 } }
  const csrs = new Informer<StoredCsr>({
    ...csrQuery,
    // The queue has a limit of its own, which the tests reach.
    ...(csrQuery.quota && { quota: { ...csrQuery.quota, max: Infinity } }),
    select: keepCsr(readUnverified, unexamined),
    ...parts,
  })
  const nodes = new Informer<NodeFacts>({
    name: 'nodes',
    title: 'Nodes',
    path: NODES_PATH,
    select: selectNode,
    ...parts,
  })
  const collections = { csrs: api.collection(CSRS_PATH), nodes: api.collection(NODES_PATH) }
  csrs.start()
  nodes.start()
  await until(() => collections.csrs.watchers + collections.nodes.watchers === 2, 'both lists are watched')
  const started = {
    api,
    cluster,
    ...collections,
    reported: [],
    judged: [],
    logged,
    script,
    notYet: 'NodeUnknown' as DecisionReason,
    settings: defaultSettings,
    leads: true,
    knownNodes: nodes,
    knownCsrs: csrs,
  }
  const work = { queued: 0, underway: (): readonly number[] => [] }
  const watched: ControllerDependencies['recorder'] = {
    queue: ({ depth }) => void (work.queued = depth),
    underway: (read) => void (work.underway = read),
  }
  const controller = startController({ ...partsOf(started), csrs, nodes, recorder: watched, log, ...changes })
  t.after(async () => {
    await controller.stop()
    await Promise.all([csrs.stop(), nodes.stop()])
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  const time = timeOf(t, () => work.underway().length > 0)
  return Object.assign(started, { controller, queued: () => work.queued, ...time })
}

const STEP_MS = 100

function timeOf(t: TestContext, isBusy: () => boolean): Pick<Fixture, 'pass' | 'passUntil'> {
  const step = async (ms: number): Promise<void> => {
    t.mock.timers.tick(ms)
    // What is due starts after other work has had its turn.
    for (let turn = 0; turn < 3; turn += 1) await otherWork()
    await until(() => !isBusy(), 'the work has ended')
  }
  return {
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) await step(Math.min(left, STEP_MS))
    },
    async passUntil(look, what, withinMs = 60_000) {
      for (let passed = 0; !look(); passed += STEP_MS) {
        if (passed >= withinMs) throw new Error(`${what}: not within ${withinMs / 1_000} s`)
        await step(STEP_MS)
      }
    },
  }
}

type FixtureParts = Pick<
  ControllerDependencies,
  | 'judge'
  | 'api'
  | 'clock'
  | 'report'
  | 'rules'
  | 'webhookEnabled'
  | 'isLeader'
  | 'isPaused'
  | 'activity'
  | 'facts'
>

function partsOf(fixture: Omit<Fixture, 'controller' | 'queued' | 'pass' | 'passUntil'>): FixtureParts {
  return {
    judge: scripted(fixture),
    api: fixture.cluster,
    clock: { monotonic: () => Date.now(), serverNow: () => Date.now() },
    report: (record) => fixture.reported.push(record),
    rules: () => ({ ...defaultRules, settings: fixture.settings }),
    webhookEnabled: true,
    activity: { begin: () => undefined },
    facts: { problem: () => null, refresh: async () => undefined, noteApproval: () => undefined },
    isLeader: () => fixture.leads,
    isPaused: () => fixture.cluster.isPaused(),
  }
}

function scripted(fixture: Pick<Fixture, 'script' | 'notYet' | 'judged'>): Judge {
  return async (input) => {
    fixture.judged.push(input.csr.name)
    const verdict = await fixture.script(input)
    const others = verdict === 'notYet' ? fixture.notYet : 'CsrUnreadable'
    const reason = verdict === 'approve' ? 'Conforms' : others
    const fault = { readable: false, code: 'Scripted', at: 0, message: '' } as const
    return {
      decision: {
        verdict,
        reason,
        message: `${reason}: scripted`,
        findings: [],
        awaited: true,
        policyHash: 'abc123',
      },
      facts: {
        purpose: 'approve',
        now: 0,
        csr: input.csr,
        caller: null,
        request: fault,
        cluster: null,
      },
    }
  }
}

/** A pending CSR of `node`, created `ageMs` ago. */
export function waitingCsr(
  name: string,
  node = 'n1',
  ageMs = 0,
): JsonObject & { metadata: JsonObject & { name: string } } {
  return {
    metadata: {
      name,
      creationTimestamp: new Date(Date.now() - ageMs).toISOString(),
      annotations: { 'example.com/kept': 'yes' },
    },
    spec: {
      request: 'TFMw',
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
      username: `system:node:${node}`,
      groups: ['system:nodes', 'system:authenticated'],
    },
    status: {},
  }
}

/** Type and reason of each condition that the server stored. */
export function conditionsOf(csrs: View, name: string): string[] {
  const { conditions } = objectAt(csrs.get(name) ?? {}, 'status')
  const all = Array.isArray(conditions) ? conditions : []
  return all.map((condition: JsonObject) => `${textAt(condition, 'type')} ${textAt(condition, 'reason')}`)
}

/** The URLs of the approvals and denials sent so far. */
export function writes(api: FaultyApi): string[] {
  return api.heard.filter(({ method }) => method === 'PATCH').map(({ url }) => url)
}

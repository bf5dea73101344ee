import type { TestContext } from 'node:test'
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
import type { Judge, JsonObject, JudgeInput, DecisionRecord } from '../ports.ts'
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
}

/** Starts the controller with an API server and a judge that returns scripted verdicts. */
export async function openFixture(
  t: TestContext,
  script: Script,
  changes: Partial<ControllerDependencies> = {},
): Promise<Fixture> {
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
  }
  const controller = startController({ ...partsOf(started), csrs, nodes, recorder, log, ...changes })
  t.after(async () => {
    await controller.stop()
    await Promise.all([csrs.stop(), nodes.stop()])
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  return Object.assign(started, { controller })
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

function partsOf(fixture: Omit<Fixture, 'controller'>): FixtureParts {
  return {
    judge: scripted(fixture),
    api: fixture.cluster,
    clock: fixture.cluster.clock,
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

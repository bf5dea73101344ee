import type { TestContext } from 'node:test'
import { defaultSettings, type Settings } from '../../policies/settings.ts'
import type { NodeFacts, Verdict } from '../../policies/types.ts'
import type { Collection } from '../../test/kit/fake-api/collection.ts'
import { FakeApi } from '../../test/kit/fake-api/fake-api.ts'
import { listen } from '../../test/kit/fake-api/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { selectNode } from '../facts/nodes.ts'
import { objectAt, textAt } from '../json.ts'
import { Informer } from '../kube/informer.ts'
import { keepCsr, type StoredCsr } from '../facts/stored-csr.ts'
import { type Cluster, connect } from '../kube/transport.ts'
import type { Judge, JsonObject, Subject, DecisionRecord } from '../ports.ts'
import { CSRS_PATH } from './act.ts'
import { type Controller, type ControllerParts, startController } from './controller.ts'

const NODES_PATH = '/api/v1/nodes'

/** What the scripted judge says, by the name of a CSR. */
export type Script = (subject: Subject) => Verdict | Promise<Verdict>

export interface Lab {
  readonly api: FakeApi
  readonly cluster: Cluster
  readonly csrs: Collection
  readonly nodes: Collection
  readonly told: DecisionRecord[]
  /** Names of CSRs in the order in which they were judged. */
  readonly judged: string[]
  readonly said: string[]
  readonly controller: Controller
  script: Script
  settings: Settings
  leads: boolean
}

/** The controller against the fake API server, with a judge that says what the test wants. */
export async function openLab(
  t: TestContext,
  script: Script,
  changes: Partial<ControllerParts> = {},
): Promise<Lab> {
  const api = await FakeApi.start()
  const { log, instruments, said } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, instruments)
  const parts = { cluster, log, instruments, times: { unreachableMs: 300, refusedMs: 300 } }
  const csrs = new Informer<StoredCsr>({ name: 'csrs', path: CSRS_PATH, select: keepCsr, ...parts })
  const nodes = new Informer<NodeFacts>({ name: 'nodes', path: NODES_PATH, select: selectNode, ...parts })
  const collections = { csrs: api.collection(CSRS_PATH), nodes: api.collection(NODES_PATH) }
  csrs.start()
  nodes.start()
  await until(() => collections.csrs.watchers + collections.nodes.watchers === 2, 'both lists are watched')
  const begun = {
    api,
    cluster,
    ...collections,
    told: [],
    judged: [],
    said,
    script,
    settings: defaultSettings,
    leads: true,
  }
  const controller = startController({ ...partsOf(begun), csrs, nodes, instruments, log, ...changes })
  t.after(async () => {
    await controller.stop()
    await Promise.all([csrs.stop(), nodes.stop()])
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  return Object.assign(begun, { controller })
}

type LabParts = Pick<
  ControllerParts,
  'judge' | 'api' | 'clock' | 'report' | 'settings' | 'webhookEnabled' | 'isLeader'
>

function partsOf(lab: Omit<Lab, 'controller'>): LabParts {
  return {
    judge: scripted(lab),
    api: lab.cluster,
    clock: lab.cluster.clock,
    report: (record) => lab.told.push(record),
    settings: () => lab.settings,
    webhookEnabled: true,
    isLeader: () => lab.leads,
  }
}

function scripted(lab: Pick<Lab, 'script' | 'judged'>): Judge {
  return async (subject) => {
    lab.judged.push(subject.csr.name)
    const verdict = await lab.script(subject)
    const reason = verdict === 'approve' ? 'Conforms' : verdict === 'notYet' ? 'NodeUnknown' : 'CsrUnreadable'
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
        component: 'controller',
        now: 0,
        csr: subject.csr,
        caller: null,
        request: fault,
        cluster: null,
      },
    }
  }
}

/** A waiting CSR of `node`, made `ageMs` ago. */
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
    future: { field: [1, null, 'ü'] },
  }
}

/** Types and reasons of the conditions that the server stored. */
export function conditionsOf(csrs: Collection, name: string): string[] {
  const { conditions } = objectAt(csrs.objects.get(name) ?? {}, 'status')
  const all = Array.isArray(conditions) ? conditions : []
  return all.map((condition: JsonObject) => `${textAt(condition, 'type')} ${textAt(condition, 'reason')}`)
}

/** Approvals and denials sent so far. */
export function writes(api: FakeApi): string[] {
  return api.heard.filter(({ method }) => method === 'PUT').map(({ url }) => url)
}

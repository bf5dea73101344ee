import assert from 'node:assert/strict'
import { CONFIG_LABEL } from '../../cli/cluster/installed.ts'
import { connect } from '../../server/kube/transport.ts'
import { LedgerReconciler } from '../../server/ledger/reconciler.ts'
import { addApproval } from '../../server/ledger/record.ts'
import { DATA_KEY, LEDGER_LABEL, readShard, shardNames, shardOf } from '../../server/ledger/shard.ts'
import { claimOf, formatShard, parseShard } from '../../server/ledger/shard-text.ts'
import { objectAt, textAt } from '../../server/json.ts'
import { openJudging } from '../../server/service.ts'
import { parsePolicy } from '../../server/policy/load.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { View } from '../embedded/view.ts'
import { FaultyApi } from '../embedded/faulty-api.ts'
import { listen } from '../kit/quiet.ts'
import { csrObject, CSRS } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'

const NAMESPACE = 'gate'
export const ledgerPlace = { namespace: NAMESPACE, name: 'gate-ledger' }
/** 2026-01-01T00:00:00Z, and ten years later. */
const GRANTED_AT = 1_767_225_600_000
const EXPIRES_AT = 2_082_758_400_000

/** A cluster with a policy and a ledger, as the chart and the controller leave them. */
export class LedgerCluster {
  readonly api: FaultyApi
  readonly flags: readonly string[]

  private constructor(api: FaultyApi, kubeconfig: string) {
    this.api = api
    this.flags = ['--kubeconfig', kubeconfig]
  }

  static async start(): Promise<LedgerCluster> {
    const api = await FaultyApi.start()
    const ranges = api.collection('/apis/networking.k8s.io/v1/servicecidrs')
    ranges.put({ metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16'] } })
    const cluster = new LedgerCluster(api, await api.writeKubeconfig())
    const metadata = { name: 'gate-config', labels: { [CONFIG_LABEL]: 'installed' } }
    cluster.configMaps.put({ metadata, data: { 'config.yaml': 'policy: {mode: enforce}\n' } })
    return cluster
  }

  get configMaps(): View {
    return this.api.collection(`/api/v1/namespaces/${NAMESPACE}/configmaps`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]()
  }

  join(name: string, ...reported: readonly string[]): void {
    const addresses = [
      { type: 'Hostname', address: name },
      ...reported.map((address) => ({ type: 'InternalIP', address })),
    ]
    this.api.collection('/api/v1/nodes').put({ metadata: { name }, status: { addresses } })
  }

  /** As the controller keeps an approval: of the Node's own name and these. */
  grant(node: string, values: readonly string[], uid = `earlier-${node}`): void {
    const name = shardNameOf(node)
    const stored = this.configMaps.get(name)
    const reading = parseShard(textAt(objectAt(stored, 'data'), DATA_KEY))
    const grants = addApproval(undefined, {
      node,
      uid,
      grant: {
        csr: `csr-of-${node}`,
        key: node,
        credentialId: null,
        approvedAt: GRANTED_AT,
        notAfter: EXPIRES_AT,
      },
      claims: [node, ...values].map(claimOf),
      seen: new Map(values.slice(0, 1).map((value) => [claimOf(value), 'own'] as const)),
    })
    const nodes = [...(reading.kind === 'whole' ? reading.nodes : []), grants]
    const metadata = { name, labels: LEDGER_LABEL }
    this.configMaps.put({ metadata, data: { [DATA_KEY]: formatShard({ nodes, released: [] }) } })
  }

  /** A CSR of a node for its own name and an address. */
  ask(
    name: string,
    [node, address]: readonly [string, string],
    conditions: readonly JsonObject[] = [],
  ): void {
    const username = `system:node:${node}`
    const { request } = buildRequest({ commonName: username, dnsNames: [node], addresses: [address] })
    const object = csrObject({ request, metadata: { name } })
    const groups = ['system:nodes', 'system:authenticated']
    const spec = { ...Object(object['spec']), username, groups }
    this.api.collection(CSRS).put({ ...object, metadata: { name }, spec, status: { conditions } })
  }

  forget(csr: string): void {
    this.api.collection(CSRS).remove(csr)
  }

  /** Puts text that is no ledger where the grants of a Node belong. */
  damage(node: string): void {
    const metadata = { name: shardNameOf(node), labels: LEDGER_LABEL }
    this.configMaps.put({ metadata, data: { [DATA_KEY]: 'cut off' } })
  }

  repair(node: string): void {
    this.configMaps.remove(shardNameOf(node))
  }

  /** The annotations that wait: name of the ConfigMap, and what is to be released. */
  releases(): (readonly [string, string])[] {
    return this.configMaps.list().flatMap((object) => {
      const { name, release } = readShard(object)
      return release === '' ? [] : [[name, release] as const]
    })
  }

  /** The controller, as far as it keeps the ledger. */
  async control(): Promise<AsyncDisposable> {
    const { log, recorder } = listen()
    const cluster = connect({ env: this.api.env, serviceAccount: this.api.serviceAccount }, recorder)
    const policy = await parsePolicy('', 'the default policy')
    assert.ok(policy.ok)
    const rules = () => policy.rules
    const judging = openJudging({
      cluster,
      rules,
      installedLedger: ledgerPlace,
      kubelets: null,
      truth: null,
      log,
      recorder,
    })
    const { informers, ledger } = judging
    const always = () => true
    const reconciler = new LedgerReconciler({
      ledger,
      place: ledgerPlace,
      rules,
      log,
      nodes: informers.nodes,
      csrs: informers.csrs,
      api: cluster,
      clock: cluster.clock,
      isLeader: always,
      mayWrite: always,
      isInformed: () => informers.followed(),
      busy: () => false,
      wrote: () => undefined,
      tellReleased: () => undefined,
    })
    judging.start()
    return {
      async [Symbol.asyncDispose]() {
        await reconciler.stop()
        await judging.stop()
        await cluster.close()
      },
    }
  }
}

const shardNameOf = (node: string): string => shardNames(ledgerPlace)[shardOf(node)] ?? ''

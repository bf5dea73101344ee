import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encoded } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { answering, type StatusWords } from '../../test/embedded/faults.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { createAuthority, type Holder } from '../../test/kit/pki.ts'
import { openSession } from '../cluster/session.ts'
import { objectsOf, PATHS, WEBHOOK } from './cluster-objects.fixture.ts'
import { type Answers, Machine } from '../../test/kit/kubelet/machine.ts'
import { gather } from './gather.ts'
import type { Facts } from './facts.ts'

const NODES = ['cp-1', 'w-1', 'w-2'] as const
export type NodeName = (typeof NODES)[number]
/** An address that is dialled, as those of this computer are not. */
export function addressOf(name: NodeName): string {
  return `198.51.100.${NODES.indexOf(name) + 11}`
}

type Change = (object: JsonObject) => JsonObject

/** A kubeadm cluster of three nodes in good order, with kubelet-csr-gate installed: the API server runs in this process, and the kubelets only answer. */
export class FakeCluster implements AsyncDisposable {
  readonly api: FaultyApi
  readonly kubeconfig: string
  readonly #kubelets: ReadonlyMap<NodeName, Machine>

  static async start(): Promise<FakeCluster> {
    const api = await FaultyApi.start()
    const kubeconfig = await api.writeKubeconfig()
    const kubelets = new Map(NODES.map((name) => [name, new Machine()] as const))
    const cluster = new FakeCluster(api, kubeconfig, kubelets)
    for (const name of NODES) await cluster.serve(name)
    await cluster.#leadDials()
    await cluster.#putAll()
    return cluster
  }

  private constructor(api: FaultyApi, kubeconfig: string, kubelets: ReadonlyMap<NodeName, Machine>) {
    this.api = api
    this.kubeconfig = kubeconfig
    this.#kubelets = kubelets
  }

  /** The kubelet of a node serves a certificate of the cluster's CA, which differs from a good one as `holder` says. */
  async serve(name: NodeName, holder: Partial<Holder> = {}): Promise<void> {
    await this.answer(name, await this.api.issue({ ...this.#good(name), ...holder }))
  }

  /** The kubelet of a node serves a certificate of another CA. */
  async serveBy(ca: string, name: NodeName, holder: Partial<Holder> = {}): Promise<void> {
    const authority = await createAuthority(ca)
    await this.answer(name, await authority.issue({ ...this.#good(name), ...holder }))
  }

  async serveAllBy(ca: string): Promise<void> {
    const authority = await createAuthority(ca)
    for (const name of NODES) await this.answer(name, await authority.issue(this.#good(name)))
  }

  async answer(name: NodeName, as: Answers): Promise<void> {
    await this.#kubelet(name).answer(as)
  }

  /** Dials of the kubelets' port lead to the machines, which are on loopback. */
  async #leadDials(): Promise<void> {
    const file = join(this.api.folder, 'machines.json')
    const ports = NODES.map((name) => [addressOf(name), this.#kubelet(name).port])
    await writeFile(file, JSON.stringify(Object.fromEntries(ports)))
    process.env['LOOPBACK_DIALS'] = file
    await import('../../test/kit/kubelet/loopback-dials.ts')
  }

  edit(at: keyof typeof PATHS, name: string, change: Change): void {
    const collection = this.api.collection(PATHS[at])
    const known = collection.get(name)
    if (known === undefined) throw new Error(`the cluster has no ${at} ${name}`)
    collection.put({ ...known, ...change(known) })
  }

  put(
    at: keyof typeof PATHS,
    object: JsonObject & { readonly metadata: JsonObject & { readonly name: string } },
  ): void {
    this.api.collection(PATHS[at]).put(object)
  }

  remove(at: keyof typeof PATHS, name: string): void {
    this.api.collection(PATHS[at]).remove(name)
  }

  /** Answers the dry run of a CSR, or of a Node by a node, otherwise. */
  answerDryRun(what: 'csrs' | 'nodes', words: StatusWords | 'admitted'): void {
    this.#forgetDryRuns()
    this.#plans[what] = words
    this.#planAll()
  }
  readonly #plans: Record<'csrs' | 'nodes', StatusWords | 'admitted'> = {
    csrs: {
      code: 403,
      reason: 'Forbidden',
      message: `admission webhook "${WEBHOOK}" denied the request: RequesterNotNode: admin is no node`,
    },
    nodes: {
      code: 403,
      reason: 'Forbidden',
      message:
        'nodes "kubelet-csr-gate-doctor-2" is forbidden: node "kubelet-csr-gate-doctor-1" is not allowed to modify node "kubelet-csr-gate-doctor-2"',
    },
  }
  /** Of the webhook, in the API server's metrics. */
  failedOpen = 0
  /** Why the API server does not get the logs of its own Pod; empty if it does. */
  ownLogs = ''

  async facts(): Promise<Facts> {
    const opened = await openSession({ kubeconfig: this.kubeconfig }, {})
    if (!opened.ok) throw new Error(opened.problem.message)
    try {
      return await gather(opened.session, { dials: () => true, dialled: () => undefined })
    } finally {
      await opened.session.cluster.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const kubelet of this.#kubelets.values()) await kubelet[Symbol.asyncDispose]()
    await this.api[Symbol.asyncDispose]()
  }

  #good(name: NodeName): Holder {
    const address = addressOf(name)
    return {
      commonName: `system:node:${name}`,
      organizations: ['system:nodes'],
      names: [name],
      addresses: [address],
    }
  }

  #kubelet(name: NodeName): Machine {
    const kubelet = this.#kubelets.get(name)
    if (kubelet === undefined) throw new Error(`no kubelet ${name}`)
    return kubelet
  }

  async #putAll(): Promise<void> {
    const webhook = await createAuthority('webhook-ca')
    const leaf = await webhook.issue({ commonName: 'webhook', names: ['kubelet-csr-gate.gate.svc'] })
    const csr = await this.api.issue(this.#good('w-1'))
    const kubelets = NODES.map((name) => ({ name, address: addressOf(name) }))
    const objects = objectsOf({
      kubelets,
      caPem: this.api.caPem,
      certificate: encoded(csr.certPem),
      caBundle: encoded(webhook.certPem),
      webhookCertificate: encoded(leaf.certPem),
    })
    // Also those of which there is no object.
    for (const at of Object.values(PATHS)) this.api.collection(at)
    for (const [at, object] of objects) this.api.collection(PATHS[at]).put(object)
    this.#planAll()
  }

  #forgetDryRuns(): void {
    this.api.forgetPlans()
  }

  #planAll(): void {
    for (const what of ['csrs', 'nodes'] as const) {
      const words = this.#plans[what]
      const fault =
        words === 'admitted' ? answering({ code: 201, reason: '', message: '' }) : answering(words)
      this.api.plan(
        fault,
        ({ method, url }) => method === 'POST' && url === `${PATHS[what]}?dryRun=All`,
        Infinity,
      )
    }
    this.api.plan(
      (request, response) =>
        this.ownLogs === ''
          ? void response.end('I')
          : answering({ code: 500, reason: '', message: this.ownLogs })(request, response),
      ({ url }) => url?.startsWith(`${PATHS.pods}/kube-apiserver-cp-1/log?`) ?? false,
      Infinity,
    )
    this.api.plan(
      (_request, response) =>
        void response.end(
          `# TYPE apiserver_admission_webhook_fail_open_count counter\napiserver_admission_webhook_fail_open_count{name="${WEBHOOK}",type="validating"} ${this.failedOpen}\n`,
        ),
      ({ url }) => url === '/metrics',
      Infinity,
    )
  }
}

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { alertsIn, groupsOf } from '../chart/alert-rules.ts'
import { KubeletPage } from '../chart/kubelet-page.ts'
import { type Prometheus, startPrometheus } from '../chart/prometheus.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { kubectl } from '../control-plane/kubectl.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'
import { type Service, startService } from '../kit/service/service.ts'
import { servicePermissions } from '../kit/service/service-permissions.ts'
import { until } from '../kit/until.ts'
import { commandIn, says } from './runbook.ts'

/** Small enough to be passed in a test. A certificate of the cluster is valid for a year. */
const thresholds = {
  pendingWarningSeconds: 4,
  pendingCriticalSeconds: 8,
  kubeletCertificateWarningSeconds: 400 * 86_400,
  kubeletCertificateCriticalSeconds: 399 * 86_400,
}
const alerts = alertsIn(await groupsOf({}, { thresholds }))

const TRUE_WITHIN_MS = 90_000
const NAMESPACE = 'kubelet-csr-gate'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

/** A control plane with a Prometheus that scrapes a pod and two kubelets, and what an operator does who is called. */
export class World implements AsyncDisposable {
  readonly #cleanUp: AsyncDisposableStack
  readonly cluster: ControlPlane
  /** With webhook and controller. */
  readonly pod: Service
  readonly kubelets: readonly KubeletPage[]
  readonly prometheus: Prometheus
  #nodes = 0

  private constructor(
    cleanUp: AsyncDisposableStack,
    parts: Pick<World, 'cluster' | 'pod' | 'kubelets' | 'prometheus'>,
  ) {
    this.#cleanUp = cleanUp
    this.cluster = parts.cluster
    this.pod = parts.pod
    this.kubelets = parts.kubelets
    this.prometheus = parts.prometheus
  }

  static async start(): Promise<World> {
    await using stack = new AsyncDisposableStack()
    const cluster = stack.use(await startControlPlane())
    const pod = stack.use(await startService(cluster, { leaderElect: true }))
    const kubelets = [stack.use(await KubeletPage.start()), stack.use(await KubeletPage.start())]
    const targets = { pods: [pod.metricsUrl], kubelets: kubelets.map(({ url }) => url) }
    const prometheus = stack.use(await startPrometheus(cluster, targets))
    return new World(stack.move(), { cluster, pod, kubelets, prometheus })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUp.disposeAsync()
  }

  /** Ends with the world. */
  use(resource: AsyncDisposable): void {
    this.#cleanUp.use(resource)
  }

  /** A name and an address that no other Node has. */
  newcomer(): { readonly name: string; readonly address: string } {
    this.#nodes += 1
    return { name: `node-${this.#nodes}`, address: `10.0.0.${this.#nodes}` }
  }

  async joined(): Promise<TestNode> {
    const { name, address } = this.newcomer()
    const node = new TestNode(this.cluster, name, address)
    await node.join()
    return node
  }

  /**
   * Waits until the expression of the alert is true, without its `for`.
   * @param seconds instead of the 300 at the end of the expression
   */
  async isTrue(alert: string, seconds = 300): Promise<void> {
    await until(
      async () => (await this.#values(alert, seconds)).length > 0,
      `${alert} is true`,
      TRUE_WITHIN_MS,
      500,
    )
  }

  async isFalse(alert: string): Promise<void> {
    await until(
      async () => (await this.#values(alert)).length === 0,
      `${alert} is false`,
      TRUE_WITHIN_MS,
      500,
    )
  }

  async #values(name: string, seconds = 300): Promise<readonly string[]> {
    const { expr } = alerts.find(({ alert }) => alert === `KubeletCsrGate${name}`) ?? {}
    assert.ok(expr !== undefined, name)
    return await this.prometheus.query(expr.replace(/> 300$/u, `> ${seconds}`))
  }

  /** Runs a command of the runbook; `place` is put for its placeholders. Both of its outputs. */
  async run(alert: string, command: string, place: Readonly<Record<string, string>> = {}): Promise<string> {
    const args = commandIn(`KubeletCsrGate${alert}`, command).map((argument) => place[argument] ?? argument)
    const { stdout, stderr } = await kubectl(this.cluster, args)
    return stdout + stderr
  }

  /** Waits until `kubectl describe csr`, of the runbook, shows it. */
  async describes(alert: string, csr: string, shown: RegExp): Promise<void> {
    const command = 'kubectl describe csr NAME'
    const seen = async () => shown.test(await this.run(alert, command, { NAME: csr }))
    await until(seen, `${csr} is described with ${shown}`, TRUE_WITHIN_MS, 1_000)
  }

  /** An expression that the runbook names, with what its samples have to be. */
  async shows(alert: string, named: string, expr: string): Promise<void> {
    says(`KubeletCsrGate${alert}`, named)
    await until(
      async () => (await this.prometheus.query(expr)).length > 0,
      `${expr} has a sample`,
      TRUE_WITHIN_MS,
      500,
    )
  }

  /** A log has what the runbook says that it has. */
  async logs(
    alert: string,
    named: string,
    { tail, line }: { tail: () => Promise<string>; line: RegExp },
  ): Promise<void> {
    says(`KubeletCsrGate${alert}`, named)
    await until(async () => line.test(await tail()), `the log has ${line}`, TRUE_WITHIN_MS, 500)
  }

  /** Takes permissions from the account of the service until it is disposed of. `where`: a namespace, or the cluster. */
  async without(where: string | null, isTaken: (rule: object) => boolean): Promise<AsyncDisposable> {
    const { clusterRules = [], rules = {} } = servicePermissions(this.cluster)
    const granted = where === null ? clusterRules : (rules[where] ?? [])
    const left = granted.filter((rule) => !isTaken(rule))
    assert.ok(left.length < granted.length)
    const kind = where === null ? 'clusterroles' : `namespaces/${where}/roles`
    const path = `${RBAC}/${kind}/${NAMESPACE}:kubelet-csr-gate`
    const set = async (to: readonly object[]) => {
      const { status } = await this.cluster.adminRequest('PATCH', path, {
        rules: JSON.parse(JSON.stringify(to)),
      })
      assert.equal(status, 200)
    }
    await set(left)
    return { [Symbol.asyncDispose]: () => set(granted) }
  }

  /** A serving certificate of the webhook that is valid for so many days. */
  async replaceCertificate({ cert, key }: { cert: string; key: string }, days: number): Promise<void> {
    const holder = { commonName: 'kubelet-csr-gate', addresses: ['127.0.0.1'], days }
    const { certPem, keyPem } = await this.cluster.issue(holder)
    await writeFile(cert, certPem)
    await writeFile(key, keyPem)
  }
}

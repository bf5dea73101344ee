import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { resolveBinaries } from '../binaries/resolve.ts'
import { alertsIn, groupsOf } from '../chart/alert-rules.ts'
import type { Prometheus } from '../chart/prometheus.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { attempt } from '../kit/child.ts'
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

/** A control plane with a Prometheus, and what an operator does who is called. */
export class World {
  readonly cluster: ControlPlane
  readonly prometheus: Prometheus
  readonly #kubectl: string

  private constructor(cluster: ControlPlane, prometheus: Prometheus, kubectl: string) {
    this.cluster = cluster
    this.prometheus = prometheus
    this.#kubectl = kubectl
  }

  static async of(cluster: ControlPlane, prometheus: Prometheus): Promise<World> {
    const pathOf = await resolveBinaries(['kubectl'])
    return new World(cluster, prometheus, pathOf('kubectl'))
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
    const environment = { KUBECONFIG: this.cluster.adminKubeconfig, HOME: this.cluster.directory }
    const argv = ['env', ...Object.entries(environment).map((pair) => pair.join('=')), this.#kubectl, ...args]
    const { stdout, stderr } = await attempt(argv)
    return stdout + stderr
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

import { setTimeout as sleep } from 'node:timers/promises'
import { textAt } from '../server/json.ts'
import type { JsonObject } from '../server/ports.ts'
import type { ControlPlane } from '../test/cluster/control-plane.ts'
import { CHART, type Helm, helm, NAMESPACE } from './helm.ts'

const RELEASE = 'hooked'
const FULLNAME = `${RELEASE}-kubelet-csr-gate`
const WEBHOOK = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${FULLNAME}`
const WORKLOAD = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${FULLNAME}`
const JOB = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${FULLNAME}-cleanup`
const values = { webhook: { failurePolicy: 'Fail', cleanupHook: { enabled: true } } }
const JOB_MS = 30_000

/**
 * Uninstalls a release whose clean-up hook is on. No pod runs here, so the webhook is removed as the Job's would (its
 * script is tried in scripts.test.ts), and the Job said to be complete.
 * @returns what went wrong, a line each
 */
export async function troublesOfHook(cluster: ControlPlane, program: Helm): Promise<readonly string[]> {
  const run = async (...args: readonly string[]) =>
    helm([...args, '--namespace', NAMESPACE], {
      program,
      kubeconfig: cluster.adminKubeconfig,
      ...(args.includes(CHART) && { values }),
    })
  const isThere = async (path: string): Promise<boolean> =>
    (await cluster.adminRequest('GET', path)).status === 200
  const installed = await run('install', RELEASE, CHART)
  if (!installed.ok) return [installed.output]
  const uninstalling = run('uninstall', RELEASE)
  const deadline = performance.now() + JOB_MS
  while (!(await isThere(JOB)) && performance.now() < deadline) await sleep(50)
  const troubles: string[] = []
  for (const path of [JOB, WEBHOOK, WORKLOAD])
    if (!(await isThere(path))) troubles.push(`${path} is not there while the hook runs`)
  await cluster.adminRequest('DELETE', WEBHOOK)
  const { status, body } = await cluster.adminRequest('PATCH', `${JOB}/status`, { status: complete() })
  if (status !== 200) troubles.push(`the Job cannot be complete: ${status} ${textAt(body, 'message')}`)
  const { ok, output } = await uninstalling
  if (!ok) troubles.push(output)
  for (const path of [JOB, WEBHOOK, WORKLOAD]) if (await isThere(path)) troubles.push(`${path} is left`)
  return troubles.map((trouble) => `${program} uninstall with the clean-up hook: ${trouble}`)
}

/** As the Job controller reports it, which does not run here. */
function complete(): JsonObject {
  const now = new Date().toISOString().replace(/\.\d+/, '')
  const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
  }))
  return { startTime: now, completionTime: now, succeeded: 1, ready: 0, conditions }
}

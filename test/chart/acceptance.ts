import type { ControlPlane } from '../control-plane/control-plane.ts'
import { dryRun } from './dry-run.ts'
import { CHART, type Helm, helm, NAMESPACE, objectsOf, type Profile, withImage } from './helm.ts'
import { type Release, lifecycleProblems } from './lifecycle.ts'
import { nameOf } from './objects.ts'

/**
 * Tries a profile on a cluster with the CRDs of other projects (definitions.ts): a strict dry run of every object, rendered
 * for the minor of the cluster; the dry run of Helm; install, upgrade, rollback and uninstall.
 * @returns errors and warnings, a line each
 */
export async function profileProblems(
  cluster: ControlPlane,
  { name, values }: Profile,
  program: Helm,
): Promise<readonly string[]> {
  const release = { cluster, name, values, program }
  // the last one has the Machines of the profile `sources`
  for (const namespace of [NAMESPACE, 'prod'])
    await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
  return [...(await refused(release)), ...(await helmDryRun(release)), ...(await lifecycleProblems(release))]
}

async function refused({ cluster, name, values, program }: Release): Promise<readonly string[]> {
  const args = ['template', name, CHART, '--namespace', NAMESPACE, '--kube-version', cluster.minor]
  const objects = objectsOf(await helm(args, { values: withImage(values), program }))
  // a Pod is accepted only if its account exists, which a dry run does not create
  const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount')
  const folder = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
  for (const account of accounts) await cluster.adminRequest('POST', folder, account)
  const answers: string[] = []
  for (const object of objects) answers.push(...(await dryRun(cluster, object)))
  for (const account of accounts) await cluster.adminRequest('DELETE', `${folder}/${nameOf(account)}`)
  return answers
}

async function helmDryRun({ cluster, name, values, program }: Release): Promise<readonly string[]> {
  const args = ['install', name, CHART, '--namespace', NAMESPACE, '--dry-run=server']
  const { ok, stderr } = await helm(args, {
    values: withImage(values),
    program,
    kubeconfig: cluster.adminKubeconfig,
  })
  return ok && stderr === '' ? [] : [`${program} install --dry-run=server: ${stderr.trim()}`]
}

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { objectAt, textAt } from '../../server/json.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { dryRun } from './dry-run.ts'
import { CHART, type Helm, helm, NAMESPACE, objectsOf } from './helm.ts'
import { type Release, troublesOf } from './lifecycle.ts'

/** One of the chart's examples of values, `ci/<name>-values.yaml`. */
export interface Profile {
  readonly name: string
  readonly values: object
}

export async function allProfiles(): Promise<readonly Profile[]> {
  const files = (await readdir(join(CHART, 'ci'))).toSorted()
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/-values\.yaml$/, ''),
      values: parse(await readFile(join(CHART, 'ci', file), 'utf8')),
    })),
  )
}

/**
 * Tries a profile on a cluster that knows the kinds of others (definitions.ts): every object rendered for its minor, by
 * a strict dry run; Helm's own dry run; then the whole life of a release.
 * @returns what was said against it, warnings included, a line each
 */
export async function objections(
  cluster: ControlPlane,
  { name, values }: Profile,
  program: Helm,
): Promise<readonly string[]> {
  const release = { cluster, name, values, program }
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  return [...(await refused(release)), ...(await helmDryRun(release)), ...(await troublesOf(release))]
}

async function refused({ cluster, name, values, program }: Release): Promise<readonly string[]> {
  const args = ['template', name, CHART, '--namespace', NAMESPACE, '--kube-version', cluster.minor]
  const objects = objectsOf(await helm(args, { values, program }))
  // a Pod is only taken once its account is there, which a dry run does not leave behind
  const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount')
  const folder = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
  for (const account of accounts) await cluster.adminRequest('POST', folder, account)
  const answers: string[] = []
  for (const object of objects) answers.push(...(await dryRun(cluster, object)))
  for (const { metadata } of accounts)
    await cluster.adminRequest('DELETE', `${folder}/${textAt(objectAt(metadata), 'name')}`)
  return answers
}

async function helmDryRun({ cluster, name, values, program }: Release): Promise<readonly string[]> {
  const args = ['install', name, CHART, '--namespace', NAMESPACE, '--dry-run=server']
  const { ok, stderr } = await helm(args, { values, program, kubeconfig: cluster.adminKubeconfig })
  return ok && stderr === '' ? [] : [`${program} install --dry-run=server: ${stderr.trim()}`]
}

import { join } from 'node:path'
import { objectAt, textAt } from '../../server/json.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { writeKubeconfig } from '../kit/kubeconfig.ts'
import { NAMESPACE } from './helm.ts'

const TOKEN_SECONDS = 3600

/** A token of a service account, as pods get it. */
export async function tokenOf(
  cluster: ControlPlane,
  account: string,
  namespace = NAMESPACE,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
  const { body } = await cluster.adminRequest('POST', path, { spec: { expirationSeconds: TOKEN_SECONDS } })
  return textAt(objectAt(body, 'status'), 'token')
}

/** The path of a kubeconfig with a token of an account of the release. */
export async function podKubeconfig(
  cluster: ControlPlane,
  account: string,
  namespace = NAMESPACE,
): Promise<string> {
  const { caPem } = cluster
  const token = await tokenOf(cluster, account, namespace)
  return writeKubeconfig(join(cluster.directory, `${namespace}-${account}.kubeconfig`), cluster.url, {
    caPem,
    token,
  })
}

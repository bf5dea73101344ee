/** The webhook of a service, in front of a cluster of the suite. */
import type { Client } from '../kit/client.ts'
import type { Cluster } from '../kit/cluster.ts'
import { createCsr } from '../kit/kubelet/csr.ts'
import type { Service } from '../kit/service/service.ts'
import { registerWebhook, unregisterWebhook, untilInEffect } from '../kit/service/webhook.ts'
import { csrOf } from './request.ts'
import { hostileCases } from './suite.ts'

type Asked = Pick<Cluster, 'admin' | 'caPem' | 'impersonate'>

/** Resolves once it is called. */
export async function putInFront(cluster: Asked, { webhookUrl }: Pick<Service, 'webhookUrl'>): Promise<void> {
  await registerWebhook(cluster.admin, { url: webhookUrl, caPem: cluster.caPem })
  await untilInEffect(() => isRefused(probe(cluster)))
}

/** Resolves once it is not called any more. */
export async function takeAway(cluster: Asked): Promise<void> {
  await unregisterWebhook(cluster.admin)
  await untilInEffect(async () => !(await isRefused(probe(cluster))))
}

function probe(cluster: Asked): Client {
  return cluster.impersonate({ user: 'probe', groups: ['system:masters'] })
}

/** Whether a hostile request, on a dry run, is refused. */
async function isRefused(client: Client): Promise<boolean> {
  using asking = client
  const [one] = hostileCases
  if (one === undefined) return false
  const { status, body } = await createCsr(asking, csrOf(one), '?dryRun=All')
  return status === 403 && body['reason'] === one.expected.reason
}

/** One entry of the ValidatingWebhookConfiguration, as the chart renders it, registered for a webhook on loopback. */
import assert from 'node:assert/strict'
import { textAt } from '../../server/json.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { render } from './helm.ts'
import { listOf, only } from './objects.ts'

/** As in the service account that the tests' service has. */
const NAME = 'kubelet-csr-gate'
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** @param entry the name of the entry, such as `guard.kubelet-csr-gate.io` */
export async function registerEntry(
  cluster: ControlPlane,
  { url, entry, values }: { readonly url: string; readonly entry: string; readonly values: object },
): Promise<void> {
  const objects = await render(
    {
      fullnameOverride: NAME,
      topology: 'single',
      kind: 'DaemonSet',
      controller: { serviceAccountName: NAME },
      hostNetwork: true,
      webhook: { url, port: Number(new URL(url).port), caBundle: cluster.caPem },
      tls: { mode: 'existingSecret', existingSecret: { name: 'own' } },
      ...values,
    },
    '--namespace',
    NAME,
  )
  const { webhooks } = only(objects, 'ValidatingWebhookConfiguration')
  const rendered = listOf(webhooks).filter((webhook) => textAt(webhook, 'name') === entry)
  assert.equal(rendered.length, 1, entry)
  const { status, body } = await cluster.adminRequest('POST', WEBHOOKS, {
    metadata: { name: entry },
    webhooks: rendered,
  })
  assert.equal(status, 201, JSON.stringify(body))
}

/** How the pods replace the webhook's certificate and its CA. */
import assert from 'node:assert/strict'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { parseBundle } from '../../server/tls/webhook-bundle.ts'
import { FULLNAME, NAMESPACE } from '../chart/helm.ts'
import { listOf } from '../chart/objects.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { until } from '../kit/until.ts'

const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${FULLNAME}-tls`
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
/** The pods look every 15 s, and let API servers see a new CA for 30 s before it signs. */
const ROTATED_MS = 120_000

/** Asks the pods by an annotation. Resolves when another CA has signed, and API servers trust both. */
export async function replaceAuthority(cluster: ControlPlane): Promise<void> {
  const [authority, trusted] = [await inSecret(cluster, 'ca.crt'), await trustedBy(cluster)]
  assert.notEqual(authority, '')
  const metadata = { annotations: { 'kubelet-csr-gate.io/rotate': 'ca' } }
  assert.equal((await cluster.adminRequest('PATCH', SECRET, { metadata })).status, 200)
  const isOther = async () => ![authority, ''].includes(await inSecret(cluster, 'ca.crt'))
  await until(isOther, 'the CA in the Secret is replaced', ROTATED_MS, 200)
  const after = await trustedBy(cluster)
  assert.ok(after.length === trusted.length + 1 && trusted.every((id) => after.includes(id)))
}

/** Deletes the Secret. Resolves when it is synced, and has the same certificate. */
export async function loseSecret(cluster: ControlPlane, sync: () => Promise<unknown>): Promise<void> {
  const certificate = await inSecret(cluster, 'tls.crt')
  await cluster.adminRequest('DELETE', SECRET)
  await sync()
  const isBack = async () => (await inSecret(cluster, 'tls.crt')) === certificate
  await until(isBack, 'the Secret is filled again', ROTATED_MS, 200)
}

async function inSecret(cluster: ControlPlane, key: string): Promise<string> {
  return textAt(objectAt((await cluster.adminRequest('GET', SECRET)).body, 'data'), key)
}

/** Of the only webhook in the cluster. */
async function trustedBy(cluster: ControlPlane): Promise<readonly string[]> {
  const { body } = await cluster.adminRequest('GET', WEBHOOKS)
  const [webhook, ...others]: readonly JsonObject[] = listOf(body['items'])
  assert.ok(webhook !== undefined && others.length === 0, 'expected one webhook')
  return parseBundle(webhook).trusted
}

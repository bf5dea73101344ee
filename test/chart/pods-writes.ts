/** What is written into a release's objects by its own pods, or by cert-manager, and not by Helm. */
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { called, pathOf } from './dry-run.ts'

const MANAGER = 'kubelet-csr-gate'

/** Fills the Secret and the Lease, and puts a caBundle into the webhook, where the chart renders none. */
export async function writeAsPods(cluster: ControlPlane, objects: readonly JsonObject[]): Promise<void> {
  for (const object of objects) {
    const written = writtenInto(object, cluster.caPem)
    if (written === undefined) continue
    const path = `${await pathOf(cluster, object)}?fieldManager=${MANAGER}`
    const { status, body } = await cluster.adminRequest('PATCH', path, written)
    if (status !== 200) throw new Error(`${called(object)}: ${status} ${textAt(body, 'message')}`)
  }
}

/** What of it is there now. */
export async function readBack(
  cluster: ControlPlane,
  objects: readonly JsonObject[],
): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = []
  for (const object of objects) {
    if (writtenInto(object, cluster.caPem) === undefined) continue
    const { body } = await cluster.adminRequest('GET', `${await pathOf(cluster, object)}`)
    const { data = null, spec = null } = body
    found.push({ called: called(object), data, spec, caBundle: textAt(clientConfigOf(body), 'caBundle') })
  }
  return found
}

function writtenInto(object: JsonObject, caPem: string): JsonObject | undefined {
  const base64 = Buffer.from(caPem).toString('base64')
  if (object['kind'] === 'Secret') return { data: { 'tls.crt': base64 } }
  if (object['kind'] === 'Lease') return { spec: { holderIdentity: 'webhook-0' } }
  const clientConfig = clientConfigOf(object)
  if (object['kind'] !== 'ValidatingWebhookConfiguration' || 'caBundle' in clientConfig) return undefined
  return { webhooks: [{ ...webhookOf(object), clientConfig: { ...clientConfig, caBundle: base64 } }] }
}

export function clientConfigOf(object: JsonObject): JsonObject {
  return objectAt(webhookOf(object), 'clientConfig')
}

function webhookOf({ webhooks }: JsonObject): JsonObject {
  return objectAt(Array.isArray(webhooks) ? webhooks[0] : undefined)
}

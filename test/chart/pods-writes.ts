/** What pods or cert-manager, and not Helm, write to the objects of a release. */
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { pathOf } from './dry-run.ts'
import { called, listOf } from './objects.ts'

const MANAGER = 'kubelet-csr-gate'

/** Writes to the Secret, and the caBundle to the webhook if the chart renders none. */
export async function writeAsPods(cluster: ControlPlane, objects: readonly JsonObject[]): Promise<void> {
  for (const object of objects) {
    const written = writtenInto(object, cluster.caPem)
    if (written === undefined) continue
    const path = `${await pathOf(cluster, object)}?fieldManager=${MANAGER}`
    const { status, body } = await cluster.adminRequest('PATCH', path, written)
    if (status !== 200) throw new Error(`${called(object)}: ${status} ${textAt(body, 'message')}`)
  }
}

/** What is stored of it now. */
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
  if (object['kind'] !== 'ValidatingWebhookConfiguration' || 'caBundle' in clientConfigOf(object))
    return undefined
  const webhooks = listOf(object['webhooks']).map((webhook) => ({
    ...webhook,
    clientConfig: { ...objectAt(webhook, 'clientConfig'), caBundle: base64 },
  }))
  return { webhooks }
}

export function clientConfigOf({ webhooks }: JsonObject): JsonObject {
  return objectAt(listOf(webhooks)[0], 'clientConfig')
}

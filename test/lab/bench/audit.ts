import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { isObject } from '../../kit/client.ts'
import { textOf } from '../../kit/kubelet/csr.ts'

/** The audit log is written behind the requests, so as not to slow them. */
const FLUSH_MS = 2_000

/** How often a user called the API since then, by verb and resource: `update certificatesigningrequests/approval`. */
export async function callsByVerb(cluster: ControlPlane, user: string, since: Date) {
  await sleep(FLUSH_MS)
  const calls = new Map<string, number>()
  for (const line of (await readFile(cluster.auditLog, 'utf8')).split('\n')) {
    if (!line.includes(user)) continue
    const event: unknown = JSON.parse(line)
    if (!isObject(event) || !isObject(event['user']) || event['user']['username'] !== user) continue
    if (Date.parse(textOf(event['requestReceivedTimestamp']) ?? '') < since.getTime()) continue
    const call = `${textOf(event['verb'])} ${resourceOf(event['objectRef'])}`
    calls.set(call, (calls.get(call) ?? 0) + 1)
  }
  return calls
}

function resourceOf(reference: unknown): string {
  if (!isObject(reference)) return ''
  const { resource, subresource } = reference
  return [resource, subresource].filter((part) => typeof part === 'string').join('/')
}

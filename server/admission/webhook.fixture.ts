/** For tests: a webhook that listens, and a client for it. */
import { request as httpsRequest } from 'node:https'
import type { Judge } from '../ports.ts'
import { issueAuthority, issueLeaf } from '../tls/authority.ts'
import { deciding, decisionOf, goodReview, partsFor, type Seen } from './good-review.fixture.ts'
import { createWebhookServer, type WebhookServer, type WebhookServerParts } from './server.ts'

const now = Date.now()
const authority = issueAuthority(now)
const leaf = issueLeaf(authority, ['127.0.0.1'], now)
export const certificate = { key: leaf.key, cert: leaf.certificate }
export const ca = authority.certificate

interface StartedWebhook {
  readonly webhook: WebhookServer
  readonly port: number
  readonly seen: Seen
  [Symbol.asyncDispose](): Promise<void>
}

export async function startWebhook(
  judge: Judge,
  change: Partial<WebhookServerParts> = {},
): Promise<StartedWebhook> {
  const { parts, seen } = partsFor(judge, change)
  const webhook = createWebhookServer({ certificate, clientCa: null, callers: [], ...parts, ...change })
  const { port } = await webhook.listen({ host: '127.0.0.1', port: 0 })
  return { webhook, port, seen, [Symbol.asyncDispose]: () => webhook.close() }
}

interface Sent {
  readonly path?: string
  readonly method?: string
  readonly type?: string
}
interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

export function post(port: number, body: string | Buffer, sent: Sent = {}): Promise<Got> {
  const { path = '/validate?timeout=3s', method = 'POST', type = 'application/json' } = sent
  const { promise, resolve, reject } = Promise.withResolvers<Got>()
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) }
  const call = httpsRequest({ host: '127.0.0.1', port, path, method, headers, ca }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    const got = (): Got => ({
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: Buffer.concat(chunks).toString(),
    })
    // The webhook reports in the turn after its answer.
    response.on('end', () => setImmediate(() => resolve(got())))
  })
  call.on('error', reject)
  call.end(body)
  return promise
}

export const approving = deciding(decisionOf('approve'))
export const good = JSON.stringify(goodReview())

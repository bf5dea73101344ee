/** The tests' own way to talk to an API server, so that nothing of the product proves itself. */
import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Json, JsonObject } from '../../server/ports.ts'

export interface Answer {
  readonly status: number
  readonly body: JsonObject
  /** Of Warning headers, as the API server sends them. */
  readonly warnings: readonly string[]
  /** Of the Retry-After header, in seconds. */
  readonly retryAfter: number | null
  readonly headers: IncomingHttpHeaders
  readonly ms: number
}

export interface Client extends Disposable {
  readonly url: string
  /** `body` null sends none. PATCHes are merge patches. Rejects only when there is no answer. */
  request(method: string, path: string, body?: Json): Promise<Answer>
  /** A PATCH by server-side apply; the query names the field manager. */
  apply(path: string, object: Json): Promise<Answer>
  /** As `request`, for answers that are not JSON: /metrics, logs. */
  text(path: string, accept?: string): Promise<string>
  /** Follows a watch until `until` says true of an event's object; `signal` ends it. */
  watch(path: string, until: (object: JsonObject) => boolean, signal: AbortSignal): Promise<JsonObject>
}

export interface Credentials {
  readonly caPem: string
  readonly certPem?: string
  readonly keyPem?: string
  readonly token?: string
  /** What the bearer, an admin, acts as. */
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] }
}

interface Content {
  readonly type: string
  readonly text: string
}

interface Sent {
  readonly content?: Content | null
  readonly accept?: string
  readonly signal: AbortSignal
}

/** Of one client: its requests in flight, and a watch or two. */
const SOCKETS = 8
const TIMEOUT_MS = 30_000
const MAX_BYTES = 64 * 1024 * 1024

/** Connections that several clients may share; they bear the certificate, not the impersonation. */
export function createAgent({ caPem, certPem, keyPem }: Credentials, sockets: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: sockets, ca: caPem, cert: certPem, key: keyPem })
}

/** Ends its connections when disposed of, unless they are `shared` ones. */
export function createClient(url: string, credentials: Credentials, shared?: Agent): Client {
  const { token, impersonate } = credentials
  const agent = shared ?? createAgent(credentials, SOCKETS)
  const identity = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(impersonate === undefined
      ? {}
      : { 'impersonate-user': impersonate.user, 'impersonate-group': [...impersonate.groups] }),
  }

  const send = (
    method: string,
    path: string,
    { content = null, accept = 'application/json', signal }: Sent,
  ) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const text = content?.text
      const described =
        content === null
          ? {}
          : { 'content-type': content.type, 'content-length': Buffer.byteLength(content.text) }
      const headers = { accept, ...identity, ...described }
      const outgoing = httpsRequest(new URL(path, url), { method, agent, headers, signal })
      outgoing.once('response', resolve)
      outgoing.once('error', (cause) => reject(new Error(`${method} ${path}: ${cause.message}`, { cause })))
      outgoing.end(text)
    })

  const ask = async (method: string, path: string, content: Content | null): Promise<Answer> => {
    const started = performance.now()
    const response = await send(method, path, { content, signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = await readAll(response)
    const warnings = (response.headersDistinct['warning'] ?? []).flatMap((line) => line.split(/, (?=\d{3} )/))
    const asked = response.headers['retry-after']
    const retryAfter = asked === undefined ? null : Number(asked)
    const { statusCode: status = 0, headers } = response
    const ms = performance.now() - started
    return { status, body: parse(text), warnings, retryAfter, headers, ms }
  }

  return {
    url,
    request: (method, path, body) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      return ask(method, path, body === undefined ? null : { type, text: JSON.stringify(body) })
    },
    apply: (path, object) => {
      // JSON is YAML
      const content = { type: 'application/apply-patch+yaml', text: JSON.stringify(object) }
      return ask('PATCH', path, content)
    },
    text: async (path, accept) =>
      readAll(
        await send('GET', path, {
          signal: AbortSignal.timeout(TIMEOUT_MS),
          ...(accept !== undefined && { accept }),
        }),
      ),
    watch: async (path, until, signal) => {
      const response = await send('GET', path, { signal })
      let pending = ''
      for await (const chunk of response.setEncoding('utf8')) {
        pending += String(chunk)
        const lines = pending.split('\n')
        pending = lines.pop() ?? ''
        for (const line of lines) {
          const { object } = parse(line)
          if (isObject(object) && until(object)) return object
        }
      }
      throw new Error(`GET ${path}: the watch ended`)
    },
    [Symbol.dispose]: () => {
      if (shared === undefined) agent.destroy()
    },
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    if (!(chunk instanceof Buffer)) continue
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error(`an answer of more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return { message: text.slice(0, 1_000) }
  }
}

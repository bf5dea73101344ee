/**
 * An API server in this process, over TLS: what kubelets, kubectl, kube-controller-manager's signer and this project ask of
 * a real one, answered as the real one answers. What it has not, it refuses; {@link LIMITS} tells people.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { isObject } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Authority, Pair } from '../kit/pki.ts'
import { Admission } from './admission.ts'
import type { Collection } from './collection.ts'
import { Collections } from './collections.ts'
import type { Fault } from './faults.ts'
import { handleRequest } from './handler.ts'
import { Pages } from './pages.ts'
import { customResource, parsePath, type Target } from './path.ts'
import { Refusal } from './refusal.ts'
import { Registry } from './registry.ts'
import { type Resource, RESOURCES, WEBHOOKS } from './resources.ts'
import { send } from './send.ts'
import type { User } from './users.ts'

export const LIMITS =
  'The embedded API server authorizes whoever it authenticates: no RBAC. No CEL but the chart’s own matchConditions, no admission plug-ins, no server-side apply; all is kept in memory.'

export interface ApiOptions {
  /** Of clients; it also signs what the server serves. */
  readonly authority: Authority
  readonly serving: Pair
  /** Has a say before the server answers. Returns a fault to be met instead. */
  readonly intercept?: (request: IncomingMessage, body: JsonObject | undefined) => Fault | undefined
}

/** k8s.io/apiserver: MaxRequestBodyBytes, 3 MiB. */
const MAX_BODY_BYTES = 3 * 1024 * 1024

export class EmbeddedApi implements AsyncDisposable {
  readonly tokens = new Map<string, User>()
  /** Connections accepted since the start. */
  connections = 0
  /** How far the clock of the server is ahead. */
  clockAheadMs = 0
  readonly registry: Registry
  readonly pages = new Pages()
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()
  readonly #admission: Admission
  readonly #intercept: ApiOptions['intercept']
  #resources: readonly Resource[] = RESOURCES
  readonly #collections = new Collections()
  #port = 0

  constructor({ authority, serving, intercept }: ApiOptions) {
    this.#intercept = intercept
    this.#admission = new Admission(() => this.collection(WEBHOOKS).objects.values())
    this.registry = new Registry({
      collection: (resource) => this.collection(resource),
      admission: this.#admission,
    })
    const { certPem: cert, keyPem: key } = serving
    const tls = { cert, key, ca: authority.certPem, requestCert: true, rejectUnauthorized: false }
    this.#server = createServer(tls, (request, response) => void this.#answer(request, response))
    // Node would close an idle connection after 5 s, just as a client may send on it.
    this.#server.keepAliveTimeout = 0
    this.#server.on('connection', (socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** On 127.0.0.1. @param port 0 for any the first time, and for the same again */
  async listen(port = this.#port): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  get resources(): readonly Resource[] {
    return this.#resources
  }

  collection(resource: Resource): Collection {
    return this.#collections.of(resource)
  }

  /** What the path of a list leads to. A resource that there is not yet is defined. */
  define(path: string): Target {
    const known = parsePath(path, this.#resources)
    if (known !== undefined) return known
    this.#resources = [...this.#resources, customResource(path)]
    return this.define(path)
  }

  /** As a server that is older than a resource: its path is not found. */
  withdraw(resource: Resource): void {
    this.#resources = this.#resources.filter((one) => one !== resource)
  }

  /** As an etcd that was restored from a backup: the next versions are lower than those handed out. */
  turnBack(version: number): void {
    this.#collections.turnBack(version)
  }

  /** Watches and lists can be resumed from the present version, and from no earlier one. */
  compact(): void {
    this.#collections.compact()
  }

  /** Serves with another certificate from the next connection on, and ends those that there are. @param ca of clients */
  serveWith({ certPem: cert, keyPem: key }: Pair, ca: string): void {
    this.#server.setSecureContext({ cert, key, ca })
    this.dropConnections()
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Refuses connections until it listens again, and ends those that there are. */
  async goAway(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.dropConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admission.close()
    if (this.#server.listening) await this.goAway()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.clockAheadMs !== 0)
      response.setHeader('date', new Date(Date.now() + this.clockAheadMs).toUTCString())
    try {
      const body = await readBody(request)
      const fault = this.#intercept?.(request, body)
      if (fault !== undefined) fault(request, response)
      else await handleRequest(this, { request, response, body })
    } catch (error) {
      sendRefusal(response, error)
    }
  }
}

async function readBody(request: IncomingMessage): Promise<JsonObject | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES)
    throw new Refusal(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`)
  if (bytes === 0) return undefined
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString())
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** A refusal is an answer; anything else is a bug of this server, and told as such. */
function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const refusal =
    error instanceof Refusal
      ? error
      : new Refusal(500, 'EmbeddedServerBug', error instanceof Error ? (error.stack ?? '') : String(error))
  send(response, refusal.code, refusal.status)
}

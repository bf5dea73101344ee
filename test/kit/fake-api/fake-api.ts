import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseObject } from '../../../server/kube/answer.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { Collection } from './collection.ts'
import { type Authority, createAuthority, type Holder, type Pair } from '../pki.ts'
import { route } from './routes.ts'

export interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: JsonObject | undefined
}

/** What goes wrong with a request, in place of its answer. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void

interface Planned {
  readonly matches: (request: IncomingMessage) => boolean
  readonly fault: Fault
  times: number
}

/** An API server over TLS with faults on demand, such as a real one cannot be made to have. */
export class FakeApi implements AsyncDisposable {
  readonly heard: Heard[] = []
  /** The one bearer token that is accepted. */
  token = 'first-token'
  readonly folder: string
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()
  readonly #collections = new Map<string, Collection>()
  #planned: Planned[] = []
  #authority: Authority
  #version = 1_000
  /** How far the clock of the server is ahead. */
  clockAheadMs = 0
  /** Connections accepted since the start. */
  connections = 0

  static async start(): Promise<FakeApi> {
    const authority = await createAuthority('fake-api-ca')
    const folder = await mkdtemp(path.join(tmpdir(), 'fake-api-'))
    const serving = await serverPair(
      authority,
      ['kubernetes.default', 'localhost'],
      ['127.0.0.1', '10.96.0.1'],
    )
    const api = new FakeApi(authority, folder, createServer(serving))
    await api.#listen(0)
    await api.writeFiles()
    return api
  }

  private constructor(authority: Authority, folder: string, server: Server) {
    this.#authority = authority
    this.folder = folder
    this.#server = server
    server.on('connection', (socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (request, response) => void this.#answer(request, response))
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#awayFrom
  }

  /** A folder such as the kubelet mounts: `token` and `ca.crt`. */
  get serviceAccount(): string {
    return this.folder
  }

  /** `KUBERNETES_SERVICE_HOST` and `_PORT`, as in a pod. */
  get env(): Record<string, string> {
    return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(this.port) }
  }

  /** Writes the present CA and token where the client reads them. */
  async writeFiles(): Promise<void> {
    await writeFile(path.join(this.folder, 'ca.crt'), this.#authority.certPem)
    await writeFile(path.join(this.folder, 'token'), `${this.token}\n`)
  }

  /** Serves with a certificate of another CA from the next connection on, and ends those that there are. */
  async rotateAuthority(names: readonly string[] = [], addresses: readonly string[] = []): Promise<void> {
    this.#authority = await createAuthority('fake-api-second-ca')
    await this.serveAs(names, ['127.0.0.1', ...addresses])
  }

  /** Serves with another certificate of the same CA from the next connection on, and ends those that there are. */
  async serveAs(names: readonly string[], addresses: readonly string[]): Promise<void> {
    this.#server.setSecureContext(await serverPair(this.#authority, names, addresses))
    this.dropConnections()
  }

  /** A certificate by the CA of the cluster, which also signs its own. */
  issue(holder: Holder): Promise<Pair> {
    return this.#authority.issue(holder)
  }

  collection(at: string): Collection {
    const known = this.#collections.get(at)
    if (known !== undefined) return known
    const created = new Collection((step) => (this.#version += step))
    this.#collections.set(at, created)
    return created
  }

  /** As an etcd that was restored from a backup: the next versions are lower than those handed out. */
  turnBack(version: number): void {
    this.#version = version
    for (const collection of this.#collections.values()) collection.forgetAfter(version)
  }

  /** The next `times` requests that match meet the fault. */
  plan(fault: Fault, matches: (request: IncomingMessage) => boolean = () => true, times = 1): void {
    this.#planned.push({ matches, fault, times })
  }

  forgetPlans(): void {
    this.#planned = []
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Refuses connections until {@link comeBack}, and ends those that there are. */
  async goAway(): Promise<void> {
    const { port } = this
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.dropConnections()
    await closed
    this.#awayFrom = port
  }
  #awayFrom = 0

  async comeBack(): Promise<void> {
    await this.#listen(this.#awayFrom)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropConnections()
    if (this.#server.listening) {
      const closed = once(this.#server, 'close')
      this.#server.close()
      this.dropConnections()
      await closed
    }
    await rm(this.folder, { recursive: true })
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const { method = 'GET', url = '/', headers } = request
    this.heard.push({ method, url, headers, body })
    if (this.clockAheadMs !== 0)
      response.setHeader('date', new Date(Date.now() + this.clockAheadMs).toUTCString())
    const planned = this.#planned.find(({ times, matches }) => times > 0 && matches(request))
    if (planned !== undefined) {
      planned.times -= 1
      planned.fault(request, response)
    } else if (headers.authorization !== `Bearer ${this.token}`) {
      sendStatus(response, { code: 401, reason: 'Unauthorized', message: 'Unauthorized' })
    } else
      route(
        {
          method,
          url,
          body,
          collection: (at) => this.collection(at),
          known: (at) => this.#collections.has(at),
        },
        response,
      )
  }
}

async function serverPair(authority: Authority, names: readonly string[], addresses: readonly string[]) {
  const { certPem, keyPem } = await authority.issue({ commonName: 'kube-apiserver', names, addresses })
  return { cert: certPem, key: keyPem }
}

async function readBody(request: IncomingMessage): Promise<JsonObject | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const parsed = parseObject(Buffer.concat(chunks))
  return parsed.ok ? parsed.object : undefined
}

export interface StatusWords {
  readonly code: number
  readonly reason: string
  readonly message: string
}

function sendStatus(
  response: ServerResponse,
  words: StatusWords,
  headers: Record<string, string> = {},
): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', ...words }
  response
    .writeHead(words.code, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(status))
}

/** An answer with a Status, such as 429 with `Retry-After`. */
export function answering(words: StatusWords, headers: Record<string, string> = {}): Fault {
  return (_request, response) => sendStatus(response, words, headers)
}

/** The connection breaks before any answer. */
export const resetting: Fault = (request) => request.socket.destroy()

/** Nothing comes, ever. */
export const hanging: Fault = () => undefined

export const isWatch = (request: IncomingMessage): boolean => request.url?.includes('watch=true') ?? false
export const isList = (request: IncomingMessage): boolean => request.method === 'GET' && !isWatch(request)

import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { JsonObject } from '../../server/ports.ts'
import { temporaryDirectory } from '../kit/directory.ts'
import { writeKubeconfig } from '../kit/kubeconfig.ts'
import { type Authority, createAuthority, type Holder, type Pair } from '../kit/pki.ts'
import { EmbeddedApi } from './api.ts'
import type { Fault } from './faults.ts'
import { NAMESPACE } from './resources.ts'
import { serviceAccountUser } from './users.ts'
import { View } from './view.ts'

interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: JsonObject | undefined
}

interface Planned {
  readonly matches: (request: IncomingMessage) => boolean
  readonly fault: Fault
  times: number
}

const USER = serviceAccountUser(
  'kubelet-csr-gate',
  'kubelet-csr-gate',
  '5e7a1c1e-0000-4000-8000-000000000001',
)

/** An embedded API server that hears and fails as a test plans it, and the files by which a pod finds it. */
export class FaultyApi implements AsyncDisposable {
  /** The requests so far, those that met a fault too. */
  readonly heard: Heard[] = []
  readonly server: EmbeddedApi
  readonly folder: string
  readonly #owned: AsyncDisposable
  #authority: Authority
  #planned: Planned[] = []
  #token = ''

  static async start(): Promise<FaultyApi> {
    await using stack = new AsyncDisposableStack()
    const { path } = stack.use(await temporaryDirectory('faulty-api'))
    const authority = await createAuthority('kubernetes')
    const serving = await serverPair(
      authority,
      ['kubernetes.default', 'localhost'],
      ['127.0.0.1', '10.96.0.1'],
    )
    const intercept = (request: IncomingMessage, body: JsonObject | undefined) => api.#hear(request, body)
    const server = stack.use(new EmbeddedApi({ authority, serving, intercept }))
    const api = new FaultyApi({ server, authority, folder: path, owned: stack.move() })
    api.token = 'first-token'
    await server.listen()
    await api.writeFiles()
    return api
  }

  private constructor(parts: {
    readonly server: EmbeddedApi
    readonly authority: Authority
    readonly folder: string
    readonly owned: AsyncDisposable
  }) {
    this.server = parts.server
    this.folder = parts.folder
    this.#authority = parts.authority
    this.#owned = parts.owned
    this.#has('default')
  }

  get url(): string {
    return this.server.url
  }

  /** The one bearer token that is accepted. */
  get token(): string {
    return this.#token
  }

  set token(token: string) {
    this.#token = token
    this.server.tokens.clear()
    this.server.tokens.set(token, USER)
  }

  get caPem(): string {
    return this.#authority.certPem
  }

  /** A folder such as the kubelet mounts: `token` and `ca.crt`. */
  get serviceAccount(): string {
    return this.folder
  }

  /** `KUBERNETES_SERVICE_HOST` and `_PORT`, as in a pod. */
  get env(): Record<string, string> {
    return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(this.server.port) }
  }

  /** Writes the present CA and token where the client reads them. */
  async writeFiles(): Promise<void> {
    await writeFile(join(this.folder, 'ca.crt'), this.caPem)
    await writeFile(join(this.folder, 'token'), `${this.token}\n`)
  }

  /** With the present CA and token; returns its path. */
  async writeKubeconfig(): Promise<string> {
    const { caPem, token } = this
    return await writeKubeconfig(join(this.folder, 'kubeconfig'), this.url, { caPem, token })
  }

  /** Serves with a certificate of another CA from the next connection on, and ends those that there are. */
  async rotateAuthority(names: readonly string[] = [], addresses: readonly string[] = []): Promise<void> {
    this.#authority = await createAuthority('kubernetes-2')
    await this.serveAs(names, ['127.0.0.1', ...addresses])
  }

  /** Serves with another certificate of the same CA from the next connection on, and ends those that there are. */
  async serveAs(names: readonly string[], addresses: readonly string[]): Promise<void> {
    this.server.serveWith(await serverPair(this.#authority, names, addresses), this.caPem)
  }

  /** A certificate by the CA of the cluster, which also signs its own. */
  issue(holder: Holder): Promise<Pair> {
    return this.#authority.issue(holder)
  }

  /** The resource at the path of a list, in the namespace of the path. If there is none, it is defined. */
  collection(path: string): View {
    const { resource, namespace } = this.server.define(path)
    if (namespace !== '') this.#has(namespace)
    return new View(this.server.collection(resource), namespace)
  }

  /** The next `times` requests that match meet the fault. */
  plan(fault: Fault, matches: (request: IncomingMessage) => boolean = () => true, times = 1): void {
    this.#planned.push({ matches, fault, times })
  }

  forgetPlans(): void {
    this.#planned = []
  }

  /** Refuses connections until {@link comeBack}, and ends those that there are. */
  async goAway(): Promise<void> {
    await this.server.goAway()
  }

  async comeBack(): Promise<void> {
    await this.server.listen()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }

  #has(namespace: string): void {
    const namespaces = this.server.collection(NAMESPACE)
    if (namespaces.get('', namespace) === undefined) namespaces.put({ metadata: { name: namespace } })
  }

  #hear(request: IncomingMessage, body: JsonObject | undefined): Fault | undefined {
    const { method = 'GET', url = '/', headers } = request
    this.heard.push({ method, url, headers, body })
    const planned = this.#planned.find(({ times, matches }) => times > 0 && matches(request))
    if (planned === undefined) return undefined
    planned.times -= 1
    return planned.fault
  }
}

async function serverPair(
  authority: Authority,
  names: readonly string[],
  addresses: readonly string[],
): Promise<Pair> {
  return await authority.issue({ commonName: 'kube-apiserver', names, addresses })
}

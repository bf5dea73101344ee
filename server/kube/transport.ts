import { Readable } from 'node:stream'
import type { Api, ApiAnswer, ApiCall, Authorities, Clock, Impersonation, Recorder } from '../ports.ts'
import { header, type Refusal, parseResponse, tooLarge, unanswered } from './api-answer.ts'
import { Connections } from './connections.ts'
import { type Credentials, CredentialSource, impersonation } from './credentials.ts'
import { type Exchanged, exchange, Late, openStream, readWhole, type Stream } from './exchange.ts'
import { OBJECT_MAX_BYTES } from './items.ts'
import { type ClusterSource, loadKubeConfig } from './kubeconfig.ts'
import { type Place, placeOf } from './place.ts'
import { RetryAfter } from './retry-after.ts'
import { type ApiServerNames, ServerCertificates } from './server-certificate.ts'
import { ServerClock } from './server-clock.ts'

/** A connection to a cluster: calls, watches, the server's clock and its names. */
export interface Cluster extends Api {
  /** Opens a watch. The caller reads it to its end or aborts `signal`. An open watch has no timeout. */
  open(call: { readonly path: string; readonly signal: AbortSignal }): Promise<Opened>
  readonly clock: Clock
  /** Whether the API server asked to wait: a call that is not urgent would be refused. */
  isPaused(): boolean
  /** The API server's names. Returns the same object until they change. */
  apiServer(): ApiServerNames
  /** The CAs that verify the API server. Returns the same object until they change. */
  authorities(): Authorities
  /**
   * The PEM certificates of the CA that the API server is verified by, null if none are configured.
   * @throws Error if a file cannot be read or a login fails
   */
  clusterCa(): Promise<string | null>
  close(): Promise<void>
}

type Opened = { readonly ok: true; readonly status: number; readonly body: Readable } | Refusal

/** A healthy API server answers faster than this. Its own limit is 60 s. */
const TIMEOUT_MS = 10_000
/** Of an answer that is read whole: one object, no larger than it may be in a list. A larger one has the reason `TooLarge`. */
const ANSWER_MAX_BYTES = OBJECT_MAX_BYTES
const HEADERS = { 'user-agent': 'kubelet-csr-gate', accept: 'application/json' }
/** Requests objects without their spec and status. API servers support this since 1.15. */
const PARTLY = {
  metadata: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
  listOfMetadata: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
}

/**
 * Creates the client of a cluster. The first call connects.
 * @throws Error with a message for the user if the configuration cannot be read
 */
export function connect(source: ClusterSource, recorder: Pick<Recorder, 'apiRequest'>): Cluster {
  return new Transport(new CredentialSource(() => loadKubeConfig(source)), recorder, source)
}

const NAMELESS: ApiServerNames = { host: '', certificateNames: [], certificateAddresses: [] }

class Transport implements Cluster {
  readonly clock = new ServerClock()
  readonly #retryAfter = new RetryAfter(this.clock)
  readonly #certificates = new ServerCertificates()
  readonly #connections = new Connections((certificate) =>
    this.#certificates.saw(certificate, this.clock.monotonic()),
  )
  readonly #credentials: CredentialSource
  readonly #recorder: Pick<Recorder, 'apiRequest'>
  readonly #timeoutMs: number
  readonly #impersonate: Impersonation | undefined
  #placed: Place & { readonly server: string } = { server: '', host: '', port: 443, below: '' }
  #verifiedBy: Authorities = { trusted: null, chain: [] }
  #named: { readonly shown: object; readonly names: ApiServerNames } = { shown: {}, names: NAMELESS }

  constructor(
    credentials: CredentialSource,
    recorder: Pick<Recorder, 'apiRequest'>,
    { timeoutMs = TIMEOUT_MS, impersonate }: Pick<ClusterSource, 'timeoutMs' | 'impersonate'>,
  ) {
    this.#credentials = credentials
    this.#recorder = recorder
    this.#timeoutMs = timeoutMs
    this.#impersonate = impersonate
  }

  async call(call: ApiCall): Promise<ApiAnswer> {
    return await this.#attempt<ApiAnswer>(call, async () => {
      const received = await this.#authorized((credentials) => this.#exchange(call, credentials))
      return this.#parse(received)
    })
  }

  async open({ path, signal }: { readonly path: string; readonly signal: AbortSignal }): Promise<Opened> {
    return await this.#attempt<Opened>({ method: 'WATCH' }, async () => {
      const { status, headers, body } = await this.#authorized((credentials) =>
        this.#stream(path, signal, credentials),
      )
      if (status === 200) return { ok: true, status, body: this.#connections.follow(body) }
      const answer = this.#parse({ status, headers, body: await readWhole(body, ANSWER_MAX_BYTES) })
      return answer.ok ? notAStream(status) : answer
    })
  }

  isPaused(): boolean {
    return this.#retryAfter.isPaused()
  }

  apiServer(): ApiServerNames {
    const shown = this.#certificates.names()
    const { host } = this.#place()
    if (this.#named.shown !== shown || this.#named.names.host !== host) {
      const names = { host, certificateNames: shown.names, certificateAddresses: shown.addresses }
      this.#named = { shown, names }
    }
    return this.#named.names
  }

  authorities(): Authorities {
    const [trusted, chain] = [this.#connections.trusted(), this.#certificates.issuers()]
    if (this.#verifiedBy.trusted !== trusted || this.#verifiedBy.chain !== chain)
      this.#verifiedBy = { trusted, chain }
    return this.#verifiedBy
  }

  async clusterCa(): Promise<string | null> {
    const { ca } = (await this.#credentials.current()).tls
    return ca === undefined ? null : ca.toString()
  }

  async close(): Promise<void> {
    this.#connections.close()
  }

  /** Converts exceptions, which are I/O errors, to answers with status 0. */
  async #attempt<T extends Opened | ApiAnswer>(
    { method, urgent = false }: { readonly method: string; readonly urgent?: boolean },
    run: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const early = urgent ? null : this.#retryAfter.tooEarly()
    if (early !== null) return early
    try {
      const answer = await run()
      this.#retryAfter.note(answer)
      this.#recorder.apiRequest(method, String(answer.status))
      return answer
    } catch (error) {
      this.#recorder.apiRequest(method, '<error>')
      return unanswered(error)
    }
  }

  /** Sends a request. After a 401, which has no side effects, sends it once more if there are newer credentials. */
  async #authorized<T extends Exchanged | Stream>(
    send: (credentials: Credentials) => Promise<T>,
  ): Promise<T> {
    const credentials = await this.#credentials.current()
    const received = await this.#timed(send, credentials)
    if (received.status !== 401 || !(await this.#renewed(credentials))) return received
    if (received.body instanceof Readable) received.body.resume()
    return await this.#timed(send, await this.#credentials.current())
  }

  async #timed<T extends Exchanged | Stream>(
    send: (credentials: Credentials) => Promise<T>,
    by: Credentials,
  ): Promise<T> {
    const sentAt = this.clock.monotonic()
    try {
      const received = await send(by)
      this.clock.observe(header(received, 'date'), sentAt, this.clock.monotonic())
      return received
    } catch (error) {
      if (error instanceof Late) this.#connections.closeBefore(sentAt)
      throw error
    }
  }

  async #renewed(refused: Credentials): Promise<boolean> {
    try {
      return await this.#credentials.renew(refused)
    } catch {
      // No newer credentials can be read. The caller gets the 401.
      return false
    }
  }

  #exchange(call: ApiCall, credentials: Credentials): Promise<Exchanged> {
    const typed = call.body !== undefined && { 'content-type': call.contentType ?? 'application/json' }
    const partly = call.answerAs !== undefined && PARTLY[call.answerAs]
    const impersonating = impersonation(call.as ?? this.#impersonate)
    const { method, maySend, signal, timeoutMs = this.#timeoutMs } = call
    const { host, port, below } = this.#place()
    return exchange({
      agent: this.#connections.for(credentials),
      host,
      port,
      path: below + call.path,
      method,
      headers: { ...HEADERS, ...credentials.headers, ...typed, ...partly, ...impersonating },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      timeoutMs,
      maxBytes: ANSWER_MAX_BYTES,
      signal,
      maySend,
    })
  }

  #stream(path: string, signal: AbortSignal, credentials: Credentials): Promise<Stream> {
    const { host, port, below } = this.#place()
    return openStream({
      agent: this.#connections.for(credentials),
      host,
      port,
      path: below + path,
      method: 'GET',
      headers: { ...HEADERS, ...credentials.headers, ...impersonation(this.#impersonate) },
      body: undefined,
      maySend: undefined,
      signal,
      timeoutMs: this.#timeoutMs,
    })
  }

  #place(): Place {
    const { server } = this.#credentials
    if (this.#placed.server !== server) this.#placed = { server, ...placeOf(server) }
    return this.#placed
  }

  #parse({ status, headers, body }: Exchanged): ApiAnswer {
    if (body === null) return tooLarge(status, ANSWER_MAX_BYTES)
    return parseResponse({ status, headers, body }, this.clock.serverNow())
  }
}

function notAStream(status: number): Refusal {
  return {
    ok: false,
    status,
    reason: 'Unreadable',
    message: 'the API server did not open a stream',
    retryAfterMs: null,
  }
}

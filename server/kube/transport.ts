import type { Readable } from 'node:stream'
import { request } from 'undici'
import type { Api, ApiAnswer, ApiCall, Clock, Instruments } from '../ports.ts'
import { header, type Refusal, understand } from './answer.ts'
import { Connections } from './connections.ts'
import { type Credentials, CredentialSource } from './credentials.ts'
import { type ClusterSource, loadKubeConfig } from './kubeconfig.ts'
import { withLastLook } from './last-look.ts'
import { unanswered } from './unanswered.ts'
import { type ApiServerNames, ServerCertificates } from './server-certificate.ts'
import { ServerClock } from './server-clock.ts'

/** One cluster: calls, watches, its clock and its server's names. */
export interface Cluster extends Api {
  /** Opens a watch. The caller reads it to its end or aborts `signal`; it has no timeout once it is open. */
  open(call: { readonly path: string; readonly signal: AbortSignal }): Promise<Opened>
  readonly clock: Clock
  apiServer(): ApiServerNames
  close(): Promise<void>
}

type Opened = { readonly ok: true; readonly status: number; readonly body: Readable } | Refusal

/** Longer than the API server takes for anything we ask while it is well; its own limit is 60 s. */
const TIMEOUT_MS = 10_000
/** A page of 200 Nodes of 25 KB is 5 MB. Past it, unless the call allows more, the answer's reason is `TooLarge`. */
const ANSWER_MAX_BYTES = 8 * 1_048_576
const USER_AGENT = 'kubelet-csr-gate'

/**
 * Connects nothing yet: the first call does.
 * @throws Error when the configuration cannot be read, in words for the one who wrote it
 */
export function connect(source: ClusterSource, instruments: Pick<Instruments, 'apiRequest'>): Cluster {
  return new Transport(new CredentialSource(() => loadKubeConfig(source)), instruments)
}

interface Sending {
  readonly call: ApiCall
  readonly signal: AbortSignal
  readonly streaming: boolean
}

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
}

class Transport implements Cluster {
  readonly clock = new ServerClock()
  readonly #certificates = new ServerCertificates()
  readonly #connections = new Connections((certificate) =>
    this.#certificates.saw(certificate, this.clock.monotonic()),
  )
  readonly #credentials: CredentialSource
  readonly #instruments: Pick<Instruments, 'apiRequest'>

  constructor(credentials: CredentialSource, instruments: Pick<Instruments, 'apiRequest'>) {
    this.#credentials = credentials
    this.#instruments = instruments
  }

  async request(call: ApiCall): Promise<ApiAnswer> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS)
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout])
    return await this.#attempt<ApiAnswer>(call.method, async () =>
      this.#read(await this.#send({ call, signal, streaming: false }), call.answerMaxBytes),
    )
  }

  async open({ path, signal }: { readonly path: string; readonly signal: AbortSignal }): Promise<Opened> {
    return await this.#attempt<Opened>('WATCH', async () => {
      const received = await this.#send({ call: { method: 'GET', path }, signal, streaming: true })
      if (received.status === 200) return { ok: true, status: 200, body: received.body }
      const answer = await this.#read(received)
      return answer.ok ? notAStream(answer.status) : answer
    })
  }

  apiServer(): ApiServerNames {
    const { names, addresses } = this.#certificates.names()
    const { hostname } = new URL(this.#credentials.server)
    return {
      host: hostname.replace(/^\[(.*)\]$/u, '$1').toLowerCase(),
      certificateNames: names,
      certificateAddresses: addresses,
    }
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }

  /** The boundary: what is thrown below is I/O that failed, and becomes an answer of status 0. */
  async #attempt<T extends Opened | ApiAnswer>(
    verb: string,
    run: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    try {
      const answer = await run()
      this.#instruments.apiRequest(verb, String(answer.status))
      return answer
    } catch (error) {
      this.#instruments.apiRequest(verb, '<error>')
      return unanswered(error)
    }
  }

  /** Sends once, and once more with newer credentials where those it had were refused: a 401 has changed nothing. */
  async #send(sending: Sending): Promise<Received> {
    const credentials = await this.#credentials.current()
    const received = await this.#exchange(sending, credentials)
    if (received.status !== 401 || !(await this.#renewed(credentials))) return received
    received.body.resume()
    return await this.#exchange(sending, await this.#credentials.current())
  }

  async #renewed(refused: Credentials): Promise<boolean> {
    try {
      return await this.#credentials.renew(refused)
    } catch {
      // Nothing newer can be read; the 401 itself says what is wrong.
      return false
    }
  }

  async #exchange({ call, signal, streaming }: Sending, credentials: Credentials): Promise<Received> {
    const url = new URL(this.#credentials.server)
    const dispatcher = this.#connections.for(credentials)
    const sentAt = this.clock.monotonic()
    const { statusCode, headers, body } = await request(
      url.origin + url.pathname.replace(/\/$/u, '') + call.path,
      {
        method: call.method,
        headers: {
          ...credentials.headers,
          'user-agent': USER_AGENT,
          accept: 'application/json',
          ...(call.body !== undefined && { 'content-type': call.contentType ?? 'application/json' }),
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        dispatcher: call.maySend === undefined ? dispatcher : withLastLook(dispatcher, call.maySend),
        signal,
        headersTimeout: call.timeoutMs ?? TIMEOUT_MS,
        bodyTimeout: streaming ? 0 : (call.timeoutMs ?? TIMEOUT_MS),
      },
    )
    this.clock.observe(header({ headers }, 'date'), sentAt, this.clock.monotonic())
    return { status: statusCode, headers, body }
  }

  async #read({ status, headers, body }: Received, maxBytes = ANSWER_MAX_BYTES): Promise<ApiAnswer> {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) return { ok: false, status, ...tooLarge(maxBytes) }
      chunks.push(chunk)
    }
    return understand({ status, headers, body: Buffer.concat(chunks) }, this.clock.serverNow())
  }
}

function notAStream(status: number): Refusal {
  return {
    ok: false,
    status,
    reason: 'Unreadable',
    message: 'the API server opened no stream',
    retryAfterMs: null,
  }
}

function tooLarge(maxBytes: number) {
  const message = `the answer is larger than ${maxBytes} bytes`
  return { reason: 'TooLarge', message, retryAfterMs: null } as const
}

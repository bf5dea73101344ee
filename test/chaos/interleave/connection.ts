/** The product's client in a world without sockets: real clocks, real answers, and a turn for each step of a request. */
import { Readable } from 'node:stream'
import { parseResponse, unanswered } from '../../../server/kube/api-answer.ts'
import { RetryAfter } from '../../../server/kube/retry-after.ts'
import { ServerClock } from '../../../server/kube/server-clock.ts'
import type { Cluster } from '../../../server/kube/transport.ts'
import type { ApiAnswer, ApiCall } from '../../../server/ports.ts'
import type { Fate, Network } from './network.ts'
import type { Receiver, Request, WorldServer } from './server.ts'
import type { Owner } from './virtual-time.ts'

/** A request as it left its replica. */
export interface Sent extends Request {
  readonly owner: Named
  /** When the replica decided to send it. */
  readonly askedAt: number
  /** Who held the Lease when it was sent; empty for nobody, null where there was none. */
  readonly holder: string | null
}

type Named = Owner & { readonly name: string }

interface Place {
  readonly owner: Named
  readonly network: Network
  readonly server: WorldServer
  /** The holder of the stored Lease. */
  readonly holder: () => string | null
  /** The server has answered. */
  readonly answered: (sent: Sent, status: number) => void
}

type Opened = Awaited<ReturnType<Cluster['open']>>
type Refusal = Extract<ApiAnswer, { ok: false }>

const TIMEOUT_MS = 10_000
const AUTHORITIES = { trusted: null, chain: [] }
const NAMES = { host: 'world', certificateNames: ['kubernetes'], certificateAddresses: [] }

export class Connection implements Cluster {
  readonly clock = new ServerClock()
  readonly #retryAfter = new RetryAfter(this.clock)
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  async call(call: ApiCall): Promise<ApiAnswer> {
    const early = call.urgent === true ? null : this.#retryAfter.tooEarly()
    if (early !== null) return early
    const answer = await within(call.timeoutMs ?? TIMEOUT_MS, call.signal, this.#exchange(call))
    this.#retryAfter.note(answer)
    return answer
  }

  async open({ path, signal }: Parameters<Cluster['open']>[0]): Promise<Opened> {
    const early = this.#retryAfter.tooEarly()
    if (early !== null) return early
    const opened = await within<Opened>(TIMEOUT_MS, signal, this.#stream(path, signal))
    if (!opened.ok) this.#retryAfter.note(opened)
    return opened
  }

  isPaused(): boolean {
    return this.#retryAfter.isPaused()
  }

  apiServer(): typeof NAMES {
    return NAMES
  }

  authorities(): typeof AUTHORITIES {
    return AUTHORITIES
  }

  async clusterCa(): Promise<null> {
    return null
  }

  async close(): Promise<void> {}

  async #exchange(call: ApiCall): Promise<ApiAnswer> {
    const { owner, network, answered } = this.#place
    const title = `${call.method} ${lastOf(call.path)}`
    const askedAt = network.time.now
    if (call.maySend !== undefined) await network.turnOf(owner, `${title} connects`)
    if (call.maySend?.() === false) return refused('Withheld')
    const sent = { ...call, owner, askedAt, holder: this.#place.holder() }
    await network.turn(`${title} arrives`)
    const fate = network.fateOf(owner, call.method !== 'GET')
    const instead = await this.#instead(fate)
    if (instead !== null) return instead
    const { status, body } = await this.#ask(call)
    answered(sent, status)
    await network.turnOf(owner, `${title} is answered ${status}`)
    return fate === 'answer lost' ? refused('Unreachable') : this.#read(status, body)
  }

  async #ask(request: Request): Promise<{ readonly status: number; readonly body: Buffer }> {
    const chunks: Buffer[] = []
    const receiver = { wrote: (chunk: Buffer) => void chunks.push(chunk), ended: () => undefined }
    const { statusCode } = await this.#atServer(request, receiver)
    return { status: statusCode, body: Buffer.concat(chunks) }
  }

  async #atServer(request: Request, receiver: Receiver) {
    const { network, server } = this.#place
    return await network.time.as(network.time.outside, async () => await server.answer(request, receiver))
  }

  #read(status: number, body: Buffer, headers: Readonly<Record<string, string>> = {}): ApiAnswer {
    const { time } = this.#place.network
    const date = time.as(time.outside, () => new Date().toUTCString())
    this.clock.observe(date, time.now, time.now)
    return parseResponse({ status, headers, body }, this.clock.serverNow())
  }

  /** What comes in place of the server's answer. */
  async #instead(fate: Fate | null): Promise<ApiAnswer | null> {
    const { owner, network } = this.#place
    if (fate === null || fate === 'answer lost') return null
    if (fate === 'lost') return await new Promise<never>(() => undefined)
    await network.turnOf(owner, fate)
    if (fate === 'reset') return refused('Unreachable')
    if (fate === '404 in HTML') return this.#read(404, Buffer.from('<html></html>'))
    return this.#read(Number(fate), Buffer.from('{"kind":"Status"}'), { 'retry-after': '2' })
  }

  async #stream(path: string, signal: AbortSignal): Promise<Opened> {
    const { owner, network } = this.#place
    const title = `${path.includes('watch=') ? 'watch' : 'list'} ${lastOf(path)}`
    await network.turn(`${title} arrives`)
    const fate = network.fateOf(owner, false)
    const instead = await this.#instead(fate)
    if (instead?.ok === false) return instead
    const stream = new Stream(title, { owner, network })
    const answer = await this.#atServer({ method: 'GET', path }, stream)
    stream.closes(() => answer.emit('close'))
    signal.addEventListener('abort', () => stream.break('cut'), { once: true })
    await network.turnOf(owner, `${title} is answered`)
    if (answer.statusCode !== 200 || fate === 'answer lost') {
      stream.break('cut')
      return refusalOf(this.#read(answer.statusCode, stream.held()))
    }
    this.#read(200, Buffer.alloc(0))
    stream.begin()
    return { ok: true, status: 200, body: stream.body }
  }
}

/** Bytes on their way to a replica. */
class Stream implements Receiver {
  readonly body = new Readable({ read: () => undefined })
  readonly #title: string
  readonly #place: Pick<Place, 'owner' | 'network'>
  readonly #left: () => void
  #chunks: Buffer[] = []
  #hasBegun = false
  #hasEnded = false
  #isOver = false
  #isSilent = false

  constructor(title: string, place: Pick<Place, 'owner' | 'network'>) {
    this.#title = title
    this.#place = place
    this.#left = place.network.follow(place.owner, (how) => this.break(how))
    // A replica that reads it no longer does not care how it ends.
    this.body.on('error', () => undefined)
  }

  closes(listener: () => void): void {
    this.body.once('close', listener)
  }

  wrote(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#arrives()
  }

  ended(): void {
    this.#hasEnded = true
    this.#arrives()
  }

  held(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  begin(): void {
    this.#hasBegun = true
    this.#arrives()
  }

  break(how: 'cut' | 'silent'): void {
    if (how === 'silent') this.#isSilent = true
    else this.#over(() => this.body.destroy(new Error('the connection broke')))
  }

  #arrives(): void {
    const { network, owner } = this.#place
    if (this.#hasBegun)
      network.line(`${this.#title} speaks`, () => void network.awake(owner).then(() => this.#deliver()))
  }

  /** After a pause all that has come, at once. */
  #deliver(): void {
    if (this.#isOver || this.#isSilent) return
    const come = Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#place.network.time.as(this.#place.owner, () => {
      if (come.length > 0) this.body.push(come)
      if (this.#hasEnded) this.#over(() => this.body.push(null))
    })
  }

  #over(end: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#left()
    end()
  }
}

function refused(reason: string): Refusal {
  return { ok: false, status: 0, reason, message: '', retryAfterMs: null }
}

function refusalOf(answer: ApiAnswer): Refusal {
  return answer.ok ? unanswered(new Error('the answer is lost')) : answer
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).split('?', 1)[0] ?? ''
}

/** As a client whose patience ends, or who is told to stop. */
async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T | Refusal> {
  const { promise, resolve } = Promise.withResolvers<Refusal>()
  const late = (): void => resolve(refused('TimedOut'))
  const timer = setTimeout(late, ms)
  signal?.addEventListener('abort', late, { once: true })
  if (signal?.aborted === true) late()
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', late)
  }
}

import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as forward } from 'node:https'
import { createInterface } from 'node:readline'
import type { Cluster } from '../kit/cluster.ts'
import { freePort } from '../kit/ports.ts'

/** A request as it passes. */
export interface Passing {
  /** From 0, in the order of arrival. */
  readonly number: number
  readonly method: string
  readonly url: string
  /** Of performance.now(). */
  readonly at: number
  /** Of the answer; 0 before it came. */
  readonly status: number
}

export interface Proxy extends AsyncDisposable {
  readonly url: string
  readonly seen: Passing[]
  /** Ends every watch that is open, as a broken connection does; how many those were. */
  cutWatches(): number
  /** Open watches. */
  watching(): number
  /** Whether new watches are refused by a broken connection. */
  refuseWatches: boolean
  /** Watches whose URL holds this text stay open and say nothing more. */
  stall: string | null
  /** Waited for before a request goes on; its answer, if any, is the body that goes on in place of what was sent. */
  before: (passing: Passing, body: string) => Promise<string | undefined>
  /** Answers in the API server's place, or returns false. */
  instead: (passing: Passing, response: ServerResponse) => boolean
  /** Waited for before an answer is passed on. One that returns false loses the answer, and breaks the connection. */
  answering: (passing: Passing) => Promise<boolean>
  /** What is passed on in place of a line of a watch, whose `last` line before is told; null ends the watch. */
  event: ((line: string, last: string) => readonly string[] | null) | null
}

/**
 * Stands between the service and the API server, with a certificate of the cluster's own, so that it can tell one
 * request from the other. It adds and takes nothing by itself; credentials pass through.
 */
export async function openProxy(cluster: Cluster): Promise<Proxy> {
  const pair = await cluster.issue({ commonName: 'kube-apiserver', addresses: ['127.0.0.1'] })
  const agent = new Agent({ ca: cluster.caPem, keepAlive: true })
  const watches = new Set<ServerResponse>()
  let arrivals = 0
  const server = createServer({ cert: pair.certPem, key: pair.keyPem })
  const port = await freePort()
  const proxy: Proxy = {
    url: `https://127.0.0.1:${port}`,
    seen: [],
    refuseWatches: false,
    stall: null,
    before: async () => undefined,
    instead: () => false,
    answering: async () => true,
    event: null,
    watching: () => watches.size,
    cutWatches() {
      const count = watches.size
      for (const response of watches) response.destroy()
      return count
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await once(server, 'close')
    },
  }
  server.on('request', (request, response) => {
    if (proxy.refuseWatches && request.url?.includes('watch=true')) response.destroy()
    else void pass(request, response).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return proxy

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request
    const arrived = { number: arrivals++, method, url, at: performance.now(), status: 0 }
    const isWatch = url.includes('watch=true')
    const sent = await readAll(request)
    const body = (await proxy.before(arrived, sent)) ?? sent
    if (proxy.instead(arrived, response)) return
    if (isWatch) watches.add(response)
    response.on('close', () => watches.delete(response))
    const answer = await send(request, body)
    const passing = { ...arrived, status: answer.statusCode ?? 0 }
    proxy.seen.push(passing)
    if (!(await proxy.answering(passing))) {
      answer.destroy()
      return void response.destroy()
    }
    if (isWatch) await relay(answer, response, { isSilent: () => isStalled(url), event: proxy.event })
    else await relay(answer, response, { isSilent: () => false, event: null })
  }

  function isStalled(url: string): boolean {
    return proxy.stall !== null && url.includes(proxy.stall)
  }

  async function send(
    { method, headers, url = '' }: IncomingMessage,
    body: string,
  ): Promise<IncomingMessage> {
    const own = { ...headers, host: new URL(cluster.url).host, 'content-length': Buffer.byteLength(body) }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const outgoing = forward(new URL(url, cluster.url), { method, headers: own, agent }, resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
    return await promise
  }
}

async function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  { isSilent, event }: { readonly isSilent: () => boolean } & Pick<Proxy, 'event'>,
): Promise<void> {
  response.on('close', () => answer.destroy())
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  response.flushHeaders()
  const changed = event === null ? answer : changedLines(answer, event)
  for await (const chunk of changed as AsyncIterable<Buffer | string>) if (!isSilent()) response.write(chunk)
  if (event === null || answer.complete) response.end()
  else response.destroy()
}

async function* changedLines(
  answer: IncomingMessage,
  event: NonNullable<Proxy['event']>,
): AsyncGenerator<string> {
  let last = ''
  for await (const line of createInterface({ input: answer })) {
    const lines = event(line, last)
    if (lines === null) return
    for (const one of lines) yield `${one}\n`
    last = line
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Whether it is an approval or a denial. */
export function isDecision({ method, url }: Passing): boolean {
  return method === 'PATCH' && url.includes('/approval?')
}

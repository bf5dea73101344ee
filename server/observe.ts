import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ListenAddress } from './options.ts'
import type { Metrics } from './report/metrics.ts'

export interface MetricsServerParts {
  readonly metrics: Pick<Metrics, 'render'>
  readonly checks: readonly ReadyCheck[]
}

/** The listener for those who watch us: /livez, /readyz and /metrics, apart from the webhook's. */
export interface MetricsServer {
  listen(address: ListenAddress): Promise<AddressInfo>
  /** From now on it reports that this process is not ready. */
  drain(): void
  close(): Promise<void>
}

/** A probe's or a scraper's request has no body and a short head. */
const REQUEST_MS = 5_000
const CHECK_INTERVAL_MS = 1_000
const CONNECTIONS_MAX = 128
const HEADERS_MAX_BYTES = 8 * 1024

const serverOptions = {
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  maxHeaderSize: HEADERS_MAX_BYTES,
}

export function createMetricsServer(parts: MetricsServerParts): MetricsServer {
  let draining = false
  const drain = { name: 'draining', problem: () => (draining ? 'shutting down' : null) }
  const all = { ...parts, checks: [drain, ...parts.checks] }
  const server = createServer(serverOptions, (request, response) => void answer(request, response, all))
  server.maxConnections = CONNECTIONS_MAX
  return {
    listen({ host, port }) {
      const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>()
      server.once('error', reject)
      server.listen(port, host, () => {
        const address = server.address()
        if (address === null || typeof address === 'string') reject(new Error('no address to observe at'))
        else resolve(address)
      })
      return promise
    },
    drain() {
      draining = true
    },
    close() {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      server.closeAllConnections()
      return promise
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: MetricsServerParts,
): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'only GET is answered here\n')
  switch (path) {
    case '/livez':
    case '/healthz':
      // That this is answered at all says that the event loop turns.
      return send(response, 200, 'ok\n')
    case '/readyz':
      return sendReadiness(response, new URLSearchParams(query).has('verbose'), parts)
    case '/metrics':
      return sendMetrics(response, parts)
    default:
      return send(response, 404, '/livez, /readyz, /readyz?verbose and /metrics are answered here\n')
  }
}

function sendReadiness(response: ServerResponse, verbose: boolean, { checks }: MetricsServerParts): void {
  const { ready, lines } = readiness(checks)
  const verdict = ready ? 'ok\n' : 'not ready\n'
  // What fails is always told: it is what kubectl describe shows of a pod that never becomes ready.
  const text = verbose || !ready ? `${lines.join('\n')}\n${verdict}` : verdict
  send(response, ready ? 200 : 503, text)
}

async function sendMetrics(response: ServerResponse, { metrics }: MetricsServerParts): Promise<void> {
  try {
    const { contentType, body } = await metrics.render()
    send(response, 200, body, contentType)
  } catch {
    send(response, 500, 'the metrics could not be collected\n')
  }
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(text)
}

/** One named reason for not being ready; null when there is none. */
export interface ReadyCheck {
  readonly name: string
  /** Must be quick and must not throw: it is asked every few seconds, and in an outage most of all. */
  readonly problem: () => string | null
}

/** Whether requests should be sent here, a line for each check as kube-apiserver writes them. Leadership and the API server being up are no part of it. */
function readiness(checks: readonly ReadyCheck[]): {
  readonly ready: boolean
  readonly lines: readonly string[]
} {
  const problems = checks.map(({ name, problem }) => ({ name, problem: problemOf(problem) }))
  const lines = problems.map(({ name, problem }) =>
    problem === null ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  )
  return { ready: problems.every(({ problem }) => problem === null), lines }
}

function problemOf(problem: ReadyCheck['problem']): string | null {
  try {
    return problem()
  } catch (error) {
    return `the check itself failed: ${String(error)}`
  }
}

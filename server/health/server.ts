import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atMostEvery } from '../at-most-every.ts'
import { type ConnectionLimits, limitConnections } from '../connection-limits.ts'
import type { MetricsRecorder } from '../report/recorder.ts'

export interface HealthServerOptions {
  readonly metrics: Pick<MetricsRecorder, 'render'>
  readonly readinessChecks: readonly HealthCheck[]
  /** The kubelet restarts the process when one of them fails for three probes. */
  readonly livenessChecks: readonly HealthCheck[]
}

/** Serves /livez, /readyz and /metrics over HTTP, apart from the webhook's listener. */
export interface HealthServer {
  listen(address: { readonly host: string; readonly port: number }): Promise<AddressInfo>
  /** Reports from now on that this process is not ready. */
  drain(): void
  close(): Promise<void>
}

/** A probe or a scrape has no body and short headers. */
const REQUEST_MS = 5_000
const CHECK_INTERVAL_MS = 1_000
/**
 * A kubelet and a few scrapers, each with one connection at a time. A probe is the newest connection of its source, so it
 * is answered long before 64 more of that source have taken its place.
 */
const CONNECTIONS: ConnectionLimits = { total: 128, perSource: 64 }
/** Rendering takes some 10 ms. Scrapers come every few seconds; all others share what was rendered. */
const RENDER_EVERY_MS = 1_000
const HEADERS_MAX_BYTES = 8 * 1024

const serverOptions = {
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  maxHeaderSize: HEADERS_MAX_BYTES,
}

export function createHealthServer(parts: HealthServerOptions): HealthServer {
  let draining = false
  const drain = { name: 'draining', problem: () => (draining ? 'shutting down' : null) }
  const render = atMostEvery(RENDER_EVERY_MS, () => parts.metrics.render())
  const all = {
    metrics: { render },
    readinessChecks: [drain, ...parts.readinessChecks],
    livenessChecks: parts.livenessChecks,
  }
  const server = createServer(serverOptions, (request, response) => void answer(request, response, all))
  limitConnections(server, CONNECTIONS)
  return {
    listen({ host, port }) {
      const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>()
      server.once('error', reject)
      server.listen(port, host, () => {
        const address = server.address()
        if (address === null || typeof address === 'string')
          reject(new Error('the metrics server has no address'))
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
  parts: HealthServerOptions,
): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'only GET and HEAD are allowed\n')
  switch (path) {
    case '/livez':
    case '/healthz':
      return sendHealth(response, { query, checks: parts.livenessChecks, failed: [500, 'not live\n'] })
    case '/readyz':
      return sendHealth(response, { query, checks: parts.readinessChecks, failed: [503, 'not ready\n'] })
    case '/metrics':
      return sendMetrics(response, parts)
    default:
      return send(response, 404, 'not found; available: /livez, /readyz, /readyz?verbose, /metrics\n')
  }
}

interface HealthQuestion {
  readonly query: string
  readonly checks: readonly HealthCheck[]
  readonly failed: readonly [status: number, verdict: string]
}

function sendHealth(response: ServerResponse, { query, checks, failed }: HealthQuestion): void {
  const { healthy, lines } = examine(checks)
  const [status, verdict] = healthy ? ([200, 'ok\n'] as const) : failed
  // Failed checks are always listed, for whoever asks by hand: the kubelet tells only the status code.
  const verbose = !healthy || new URLSearchParams(query).has('verbose')
  send(response, status, [...(verbose ? lines : []), verdict].join('\n'))
}

async function sendMetrics(response: ServerResponse, { metrics }: HealthServerOptions): Promise<void> {
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
  // Neither a kubelet nor a scraper asks again soon, and nobody else keeps a connection here.
  const headers = { 'content-type': type, 'x-content-type-options': 'nosniff', connection: 'close' }
  response.writeHead(status, headers).end(text)
}

/** A named check of readiness or liveness. */
export interface HealthCheck {
  readonly name: string
  /** What is wrong, or null. Must be fast: it is called every few seconds, during outages too. */
  readonly problem: () => string | null
}

/** Whether all checks pass, with a line per check in kube-apiserver's format. */
function examine(checks: readonly HealthCheck[]): {
  readonly healthy: boolean
  readonly lines: readonly string[]
} {
  const problems = checks.map(({ name, problem }) => ({ name, problem: problemOf(problem) }))
  const lines = problems.map(({ name, problem }) =>
    problem === null ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  )
  return { healthy: problems.every(({ problem }) => problem === null), lines }
}

function problemOf(problem: HealthCheck['problem']): string | null {
  try {
    return problem()
  } catch (error) {
    return `the check itself failed: ${String(error)}`
  }
}

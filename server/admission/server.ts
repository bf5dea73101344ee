import type { ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type FastifyReply, fastify } from 'fastify'
import type { AnswerParts } from './answer.ts'
import { defaultLimits, Load, type LoadLimits } from './body.ts'
import { problem, type ValidateRequest, validateRoute } from './route.ts'

export interface WebhookServerParts extends AnswerParts {
  /** Null when there is none yet: until one is served, every handshake fails. */
  readonly certificate: PemPair | null
  readonly limits?: LoadLimits
}

interface PemPair {
  readonly key: string
  readonly cert: string
}

/** The HTTPS server that the API server asks. */
export interface WebhookServer {
  listen(address: { readonly host: string; readonly port: number }): Promise<AddressInfo>
  /** Serves new connections with another certificate. Throws when key and certificate do not belong together. */
  serveCertificate(certificate: PemPair): void
  /** From now on each answer closes its connection, so that callers go elsewhere; new ones are still answered. */
  drain(): void
  /** Stops listening, ends idle connections, and waits for what is being answered. */
  close(): Promise<void>
}

/** Idle connections must outlive the API server's own limit of 90 s, or a POST meets a closing socket. */
const KEEP_ALIVE_MS = 95_000
/**
 * From the opening of a connection to the end of its first head. The API server opens connections to spare, and one
 * that is closed in its hands is a failed call: so this too is longer than its limit. A body has a limit of its own.
 */
const REQUEST_MS = KEEP_ALIVE_MS + 5_000
const HANDSHAKE_MS = 10_000
/**
 * When closing, no answer is due after this: a decision takes 2.5 s at most. Node counts a connection that has
 * never sent a request as busy, and the API server opens such ones to spare.
 */
const CLOSE_MS = 3_000
/** How often Node looks for requests past their time. */
const CHECK_INTERVAL_MS = 1_000
/** Five API servers with 25 idle connections each, and room for what is being shed. */
const CONNECTIONS_MAX = 1_024
const HEADERS_MAX_BYTES = 16 * 1024

const tlsOptions: ServerOptions = {
  minVersion: 'TLSv1.2',
  // What the API server's webhook client speaks; HTTP/2 would only add rapid resets.
  ALPNProtocols: ['http/1.1'],
  handshakeTimeout: HANDSHAKE_MS,
  headersTimeout: REQUEST_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  maxHeaderSize: HEADERS_MAX_BYTES,
}

export function createWebhookServer(parts: WebhookServerParts): WebhookServer {
  const app = createApp(parts)
  let draining = false
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) reply.header('connection', 'close')
    done()
  })
  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      return boundAddress(app.server.address())
    },
    serveCertificate: ({ key, cert }) => app.server.setSecureContext({ ...tlsOptions, key, cert }),
    drain() {
      draining = true
    },
    async close() {
      draining = true
      const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS)
      await app.close()
      clearTimeout(timer)
    },
  }
}

function createApp(parts: WebhookServerParts) {
  const pair = parts.certificate === null ? {} : { key: parts.certificate.key, cert: parts.certificate.cert }
  const app = fastify({
    https: { ...tlsOptions, ...pair },
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    // Fastify's own 503 while closing has no Retry-After, which the API server counts as a failed webhook.
    return503OnClosing: false,
  })
  app.server.maxConnections = CONNECTIONS_MAX
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (_request, stream, done) => done(null, stream))
  app.addHook('onResponse', (_request, reply, done) => {
    parts.instruments.answered(reply.statusCode, reply.elapsedTime / 1_000)
    done()
  })
  app.post<ValidateRequest>('/validate', validateRoute(parts, new Load(parts.limits ?? defaultLimits)))
  app.setNotFoundHandler((_request, reply) => problem(reply, 404, 'only POST /validate is answered here'))
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, parts))
  return app
}

/** What Fastify refuses has its status already; anything else is a bug. */
function answerError(
  error: unknown,
  reply: FastifyReply,
  { instruments, log }: WebhookServerParts,
): FastifyReply {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status === 415) return problem(reply, 415, 'the body must be application/json')
  if (status < 500) return problem(reply, status, 'the request cannot be read')
  instruments.panicked()
  log.error({ err: error }, 'a request could not be answered')
  return problem(reply, 500, 'the webhook itself failed')
}

function boundAddress(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the webhook listens on no address')
  return address
}

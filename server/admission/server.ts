import { constants } from 'node:crypto'
import type { ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type FastifyReply, fastify } from 'fastify'
import type { Prefix } from '../../policies/types.ts'
import { type ConnectionLimits, limitConnections } from '../connection-limits.ts'
import type { AnswerParts } from './answer.ts'
import { defaultLimits, Load, type LoadLimits } from './body.ts'
import { type CallerRules, provesCallers, whyRefused } from './callers.ts'
import { problem, type ValidateRequest, validateRoute } from './route.ts'

export interface WebhookServerParts extends Omit<AnswerParts, 'callerIsProven'> {
  /** Null when there is none yet: until one is served, every handshake fails. */
  readonly certificate: PemPair | null
  /** PEM of the CAs that verify client certificates. Null: none is asked for. */
  readonly clientCa: string | null
  /** Where callers may be; empty: anywhere. */
  readonly callers: readonly Prefix[]
  /** Lowered by tests only. */
  readonly limits?: LoadLimits
  readonly connections?: ConnectionLimits
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
  /** Verifies new connections by other CAs, in PEM. A connection verified by earlier ones ends with its next answer. */
  verifyBy(clientCa: string): void
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
/**
 * An API server keeps 25 idle connections and opens one more for each call under way. Five of them behind one address (a
 * Service that translates addresses, konnectivity) have 5 × 25 idle ones while 256 reviews are judged: 381. A connection
 * costs 58 kB, so all of them 30 MB.
 */
const CONNECTIONS: ConnectionLimits = { total: 512, perSource: 384 }
const HEADERS_MAX_BYTES = 16 * 1024

const tlsOptions: ServerOptions = {
  minVersion: 'TLSv1.2',
  // What the API server's webhook client speaks; HTTP/2 would only add rapid resets.
  ALPNProtocols: ['http/1.1'],
  // TLS 1.2 lets a client ask for handshake after handshake on one connection. Early data is off in Node.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  handshakeTimeout: HANDSHAKE_MS,
  headersTimeout: REQUEST_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  maxHeaderSize: HEADERS_MAX_BYTES,
}

export function createWebhookServer(parts: WebhookServerParts): WebhookServer {
  const app = createApp(parts)
  let { certificate, clientCa } = parts
  let draining = false
  let current = new WeakSet<Socket>()
  app.server.on('secureConnection', (socket) => current.add(socket))
  app.addHook('onSend', ({ raw: { socket } }, reply, _payload, done) => {
    if (draining || !current.has(socket)) reply.header('connection', 'close')
    done()
  })
  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      return boundAddress(app.server.address())
    },
    serveCertificate(next) {
      app.server.setSecureContext(contextOf(next, clientCa))
      certificate = next
    },
    verifyBy(next) {
      app.server.setSecureContext(contextOf(certificate, next))
      clientCa = next
      current = new WeakSet()
    },
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

function contextOf(certificate: PemPair | null, clientCa: string | null): ServerOptions {
  const pair = certificate === null ? {} : { key: certificate.key, cert: certificate.cert }
  return { ...tlsOptions, ...pair, ...(clientCa !== null && { ca: clientCa }) }
}

function createApp(parts: WebhookServerParts) {
  const { certificate, clientCa, callers } = parts
  const rules: CallerRules = { certificate: clientCa !== null, prefixes: callers }
  const app = fastify({
    // A caller without a certificate gets an answer that says so, instead of a handshake that fails.
    https: { ...contextOf(certificate, clientCa), requestCert: rules.certificate, rejectUnauthorized: false },
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    // Fastify's own 503 while closing has no Retry-After, which the API server counts as a failed webhook.
    return503OnClosing: false,
  })
  limitConnections(app.server, parts.connections ?? CONNECTIONS)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (_request, stream, done) => done(null, stream))
  // Before the body is read.
  app.addHook('onRequest', async ({ raw: { socket } }, reply) => {
    const refusal = whyRefused(socket, rules)
    if (refusal !== null) await problem(reply.header('connection', 'close'), 403, refusal)
  })
  app.addHook('onResponse', (_request, reply, done) => {
    parts.recorder.answered(reply.statusCode, reply.elapsedTime / 1_000)
    done()
  })
  const answering = { ...parts, callerIsProven: provesCallers(rules) }
  app.post<ValidateRequest>('/validate', validateRoute(answering, new Load(parts.limits ?? defaultLimits)))
  app.setNotFoundHandler((_request, reply) => problem(reply, 404, 'only POST /validate is answered here'))
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, parts))
  return app
}

/** What Fastify refuses has its status already; anything else is a bug. */
function answerError(
  error: unknown,
  reply: FastifyReply,
  { recorder, log }: WebhookServerParts,
): FastifyReply {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status === 415) return problem(reply, 415, 'the body must be application/json')
  if (status < 500) return problem(reply, status, 'the request cannot be read')
  recorder.panicked()
  log.error({ err: error }, 'a request could not be answered')
  return problem(reply, 500, 'the webhook itself failed')
}

function boundAddress(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the webhook listens on no address')
  return address
}

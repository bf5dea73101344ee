/** Well-formed HTTP calls of a stranger. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { STRANGER } from './connection.ts'

export interface Call {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

export type Send = (call: Call) => Promise<string>

const OPTIONS = { keepAlive: true, localAddress: STRANGER, maxSockets: 256 } as const
/** Longer than any answer of the webhook takes. */
const ANSWER_MS = 10_000

export function sendToWebhook(port: number): Send {
  const agent = new HttpsAgent({ ...OPTIONS, rejectUnauthorized: false })
  return (call) => answerTo(call, (options) => httpsRequest({ ...options, agent, port }))
}

export function sendToProbe(port: number): Send {
  const agent = new HttpAgent(OPTIONS)
  return (call) => answerTo(call, (options) => httpRequest({ ...options, agent, port }))
}

/** The status of the answer, which is read to its end. */
async function answerTo(
  { method = 'POST', path = '/validate', headers = {}, body }: Call,
  start: (options: object) => ReturnType<typeof httpRequest>,
): Promise<string> {
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const type = { 'content-type': 'application/json' }
  const outgoing = start({
    host: '127.0.0.1',
    method,
    path,
    headers: { ...type, ...length, ...headers },
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject)
  })
  outgoing.end(body)
  const { statusCode } = await response.then((answer) => answer.on('error', () => undefined).resume())
  return String(statusCode)
}

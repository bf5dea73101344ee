import { isObject } from '../json.ts'
import type { ApiAnswer, JsonObject } from '../ports.ts'

/** An answer before its body is understood. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export type Refusal = Extract<ApiAnswer, { readonly ok: false }>

/**
 * Largest object as JSON. etcd takes 1.5 MiB, as protobuf; `<` and control characters are one byte there and six here,
 * and a node may fill its own Node's status with them. The smallest messages grow eightfold.
 */
export const OBJECT_MAX_BYTES = 16 * 1_048_576

/** No caller waits longer than this because of one header. */
const RETRY_AFTER_MAX_MS = 300_000
/** Of a message that the API server sent: enough for its longest sentence. */
const MESSAGE_MAX = 1_024

/** @param now milliseconds since the epoch by the API server's clock, for a Retry-After that is a date */
export function understand(raw: RawAnswer, now: number): ApiAnswer {
  const object = parseObject(raw.body)
  const { status } = raw
  if (object !== undefined && status >= 200 && status < 300) return { ok: true, status, object }
  const told = object?.['kind'] === 'Status' ? object : {}
  const { reason, message } = told
  return {
    ok: false,
    status,
    reason: typeof reason === 'string' && reason !== '' ? reason : 'Unreadable',
    message: typeof message === 'string' ? message.slice(0, MESSAGE_MAX) : describe(raw),
    retryAfterMs: parseRetryAfter(header(raw, 'retry-after'), now),
  }
}

/** Seconds or an HTTP date, RFC 9110 §10.2.3; null when absent or unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  const wait = /^\d{1,9}$/u.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), RETRY_AFTER_MAX_MS)
}

export function parseObject(json: Buffer | string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(json.toString())
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

export function header({ headers }: Pick<RawAnswer, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** A proxy's HTML page says nothing worth quoting. */
function describe(raw: RawAnswer): string {
  const type = header(raw, 'content-type') ?? 'no content type'
  return `HTTP ${raw.status} with ${raw.body.length} bytes of ${type.slice(0, 100)} that is no Kubernetes object`
}

const TIMEOUTS = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
])

/** A call that got no answer, as an answer of status 0. */
export function unanswered(error: unknown): Refusal {
  const { name, code, message } = causeOf(error)
  if (name === 'Withheld') return { ok: false, status: 0, reason: name, message, retryAfterMs: null }
  const timedOut = name === 'TimeoutError' || name === 'AbortError' || TIMEOUTS.has(code)
  return { ok: false, status: 0, reason: timedOut ? 'TimedOut' : 'Unreachable', message, retryAfterMs: null }
}

/** The innermost cause says what happened: `connect ECONNREFUSED 127.0.0.1:6443` rather than `fetch failed`. */
function causeOf(error: unknown): {
  readonly name: string
  readonly code: string
  readonly message: string
} {
  if (!(error instanceof Error)) return { name: '', code: '', message: 'failed without an error' }
  // Several addresses of one name were tried: the first one's error stands for all.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  if (inner instanceof Error) return causeOf(inner)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { name: error.name, code, message: error.message || code || error.name }
}

import { isObject } from '../json.ts'
import { type JsonBounds, type ParsedJson, parseJson } from '../json-scan.ts'
import type { ApiAnswer, JsonObject } from '../ports.ts'

/** An HTTP answer whose body is not parsed yet. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export type Refusal = Extract<ApiAnswer, { readonly ok: false }>

/** Upper limit of a Retry-After header. */
const RETRY_AFTER_MAX_MS = 300_000
/** Characters kept of a message from the API server. */
const MESSAGE_MAX = 1_024

/**
 * Parses an HTTP answer. A body that is not an object has the reason `Unreadable`.
 * @param now milliseconds since the epoch by the API server's clock, for a Retry-After that is a date
 */
export function parseResponse(raw: RawAnswer, now: number): ApiAnswer {
  const parsed = parseObject(raw.body)
  const { status } = raw
  if (parsed.ok && status >= 200 && status < 300) return { ok: true, status, object: parsed.object }
  const { reason, message } = parsed.ok && parsed.object['kind'] === 'Status' ? parsed.object : {}
  return {
    ok: false,
    status,
    reason: typeof reason === 'string' && reason !== '' ? reason : 'Unreadable',
    message: typeof message === 'string' ? message.slice(0, MESSAGE_MAX) : describe(raw, parsed),
    retryAfterMs: parseRetryAfter(header(raw, 'retry-after'), now),
  }
}

/** Parses Retry-After, seconds or an HTTP date (RFC 9110 §10.2.3), to milliseconds. Null if absent or unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  const wait = /^\d{1,9}$/u.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), RETRY_AFTER_MAX_MS)
}

/**
 * What one object may become. A stock Node has some 1,000 elements, with 50 images and its managedFields; one with 2,000
 * images has 12,000. At 224 bytes each, 16,384 are at most 3.7 MB of heap.
 */
const OBJECT_BOUNDS: JsonBounds = { elements: 16_384, depth: 32 }

export type ParsedObject =
  | { readonly ok: true; readonly object: JsonObject }
  | Extract<ParsedJson, { readonly ok: false }>

/** Parses JSON that has to be an object. */
export function parseObject(json: Buffer): ParsedObject {
  const parsed = parseJson(json, OBJECT_BOUNDS)
  if (!parsed.ok) return parsed
  return isObject(parsed.value)
    ? { ok: true, object: parsed.value }
    : { ok: false, because: 'is not a JSON object', outOfBounds: false }
}

export function header({ headers }: Pick<RawAnswer, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Describes an answer without quoting it, since the body may be a proxy's HTML page. */
function describe(raw: RawAnswer, parsed: ParsedObject): string {
  const type = header(raw, 'content-type') ?? 'no content type'
  const because = !parsed.ok && parsed.outOfBounds ? parsed.because : 'is not a Kubernetes object'
  return `HTTP ${raw.status} with ${raw.body.length} bytes of ${type.slice(0, 100)} that ${because}`
}

/** Converts the error of a call without an answer to an answer with status 0. */
export function unanswered(error: unknown): Refusal {
  const { name, code, message } = causeOf(error)
  if (name === 'Withheld') return { ok: false, status: 0, reason: name, message, retryAfterMs: null }
  const timedOut = name === 'TimeoutError' || name === 'AbortError' || code === 'ETIMEDOUT'
  return { ok: false, status: 0, reason: timedOut ? 'TimedOut' : 'Unreachable', message, retryAfterMs: null }
}

/** The innermost cause, which is the most useful: `connect ECONNREFUSED 127.0.0.1:6443` rather than `fetch failed`. */
function causeOf(error: unknown): {
  readonly name: string
  readonly code: string
  readonly message: string
} {
  if (!(error instanceof Error)) return { name: '', code: '', message: 'failed without an error' }
  // Several addresses of a name were tried. The first error represents all.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  if (inner instanceof Error) return causeOf(inner)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { name: error.name, code, message: error.message || code || error.name }
}

export function tooLarge(status: number, maxBytes: number): Refusal {
  const message = `the answer is larger than ${maxBytes} bytes`
  return { ok: false, status, reason: 'TooLarge', message, retryAfterMs: null }
}

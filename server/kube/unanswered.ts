import type { Refusal } from './answer.ts'

const TIMEOUTS = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
])

/** A call that got no answer, as an answer of status 0. */
export function unanswered(error: unknown): Refusal {
  const { name, code, message } = describe(error)
  if (name === 'Withheld') return { ok: false, status: 0, reason: name, message, retryAfterMs: null }
  const timedOut = name === 'TimeoutError' || name === 'AbortError' || TIMEOUTS.has(code)
  return { ok: false, status: 0, reason: timedOut ? 'TimedOut' : 'Unreachable', message, retryAfterMs: null }
}

/** The innermost cause says what happened: `connect ECONNREFUSED 127.0.0.1:6443` rather than `fetch failed`. */
function describe(error: unknown): {
  readonly name: string
  readonly code: string
  readonly message: string
} {
  if (!(error instanceof Error)) return { name: '', code: '', message: 'failed without an error' }
  // Several addresses of one name were tried: the first one's error stands for all.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  if (inner instanceof Error) return describe(inner)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { name: error.name, code, message: error.message || code || error.name }
}

/** What may go wrong with a request, in place of its answer, and of which requests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './send.ts'
import { Refusal } from './refusal.ts'

export type Fault = (request: IncomingMessage, response: ServerResponse) => void

export interface StatusWords {
  readonly code: number
  readonly reason: string
  readonly message: string
}

/** An answer with a Status, such as 429 with `Retry-After`. */
export function answering(
  { code, reason, message }: StatusWords,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  return (_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    send(response, code, new Refusal(code, reason, message).status)
  }
}

/** The connection breaks before any answer. */
export const resetting: Fault = (request) => request.socket.destroy()

/** Nothing comes, ever. */
export const hanging: Fault = () => undefined

export const isWatch = (request: IncomingMessage): boolean => request.url?.includes('watch=true') ?? false
export const isList = (request: IncomingMessage): boolean => request.method === 'GET' && !isWatch(request)

import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AnswerParts, answerReview } from './answer.ts'
import { receive, type Load } from './body.ts'
import { budgetOf } from './deadline.ts'

/** The body is not parsed yet; a query may name anything any number of times. */
export interface ValidateRequest {
  readonly Body: Readable
  readonly Querystring: { readonly timeout?: string | readonly string[] }
}

type ValidateHandler = (
  request: FastifyRequest<ValidateRequest>,
  reply: FastifyReply,
) => Promise<FastifyReply>

/** POST /validate: HTTP 200 for every review that can be answered, whatever the answer. */
export function validateRoute(parts: AnswerParts, load: Load): ValidateHandler {
  return async (request, reply) => {
    const received = await receive(request.body, load)
    try {
      if (received.outcome === 'complete')
        return await admit(received.body, budgetOf(request.query.timeout), reply)
      if (received.outcome === 'shed') return shed(reply)
      return problem(reply.header('connection', 'close'), 413, 'the body is larger than any AdmissionReview')
    } finally {
      load.release(received.held)
    }
  }

  async function admit(body: Buffer, budgetMs: number, reply: FastifyReply): Promise<FastifyReply> {
    if (!load.tryEnter()) return shed(reply)
    parts.instruments.inFlight(load.reviews)
    try {
      const answered = await answerReview(body, budgetMs, parts)
      return answered.ok ? reply.send(answered.answer) : problem(reply, 400, answered.problem)
    } finally {
      load.leave()
      parts.instruments.inFlight(load.reviews)
    }
  }

  /**
   * The API server asks again after a Retry-After of whole seconds, within its timeout. Without `close` it would
   * take the same connection and so, through a Service, come to this same replica.
   */
  function shed(reply: FastifyReply): FastifyReply {
    parts.instruments.shed()
    return problem(
      reply.header('retry-after', '1').header('connection', 'close'),
      503,
      'too busy to judge, ask again',
    )
  }
}

/** An answer that is not an AdmissionReview. It repeats nothing of the request and reveals nothing of this process. */
export function problem(reply: FastifyReply, status: number, title: string): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify({ status, title }))
}

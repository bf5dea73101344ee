import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AdmissionRecorder } from '../ports.ts'
import { type AnswerParts, answerReview } from './answer.ts'
import { BODY_MAX, type Load, receive, type Received } from './body.ts'
import { budgetOf } from './judged.ts'
import { parseReview, readOversized, type Review } from './review.ts'

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
      return await answerReceived(received, budgetOf(request.query.timeout), reply)
    } finally {
      load.release(received.held)
    }
  }

  async function answerReceived(
    received: Received,
    budgetMs: number,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    switch (received.outcome) {
      case 'complete':
        return await admit(parseReview(received.body), budgetMs, reply)
      case 'oversized': {
        const because = `is ${received.bytes} bytes, more than ${BODY_MAX}`
        return await admit({ review: readOversized(received.head, because), grownBytes: 0 }, budgetMs, reply)
      }
      case 'shed':
        return shed(reply, parts.recorder)
      case 'endless':
      case 'cut':
        return problem(
          reply.header('connection', 'close'),
          413,
          'the body is larger than any AdmissionReview',
        )
    }
  }

  async function admit(
    { review, grownBytes }: { readonly review: Review; readonly grownBytes: number },
    budgetMs: number,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (!load.tryEnter(grownBytes)) return shed(reply, parts.recorder)
    parts.recorder.inFlight(load.reviews)
    try {
      const answered = await answerReview(review, budgetMs, parts)
      return answered.ok ? reply.send(answered.answer) : problem(reply, answered.status, answered.problem)
    } finally {
      load.leave(grownBytes)
      parts.recorder.inFlight(load.reviews)
    }
  }
}

/**
 * The API server asks again after a Retry-After of whole seconds, within its timeout. Without `close` it would take the
 * same connection and so, through a Service, come to this same replica.
 */
function shed(reply: FastifyReply, recorder: AdmissionRecorder): FastifyReply {
  recorder.shed()
  return problem(
    reply.header('retry-after', '1').header('connection', 'close'),
    503,
    'too busy to judge, ask again',
  )
}

/** An answer that is not an AdmissionReview. It repeats nothing of the request and reveals nothing of this process. */
export function problem(reply: FastifyReply, status: number, title: string): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify({ status, title }))
}

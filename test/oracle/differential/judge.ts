import { resultOf } from '../../suite/read-result.ts'
import { readRequest } from '../../../server/pkcs10/request.ts'
import type { Oracle } from '../oracle.ts'
import { disagreement } from './compare.ts'
import type { Case } from './cases.ts'

/** How a case came out. */
export type Outcome =
  | { readonly outcome: 'both accept' }
  | { readonly outcome: 'both refuse' | 'refused by us alone'; readonly code: string }
  | { readonly outcome: 'disagreement'; readonly what: string }

/** Reads and judges the shape as the webhook does, asks Kubernetes, and compares. */
export async function judgeCase({ request, origin }: Case, oracle: Oracle): Promise<Outcome> {
  const answer = oracle.judge(request)
  try {
    const read = readRequest(request)
    const result = resultOf(read)
    if (read.readable && result.ok) return accepted(disagreement(read, await answer))
    if (result.ok) throw new Error('accepted without being read')
    const { apiServer } = await answer
    if (origin === 'honest')
      return { outcome: 'disagreement', what: `refused a stock kubelet: ${result.fault}: ${result.message}` }
    return { outcome: apiServer === '' ? 'refused by us alone' : 'both refuse', code: result.fault }
  } catch (error) {
    await answer
    return {
      outcome: 'disagreement',
      what: `the reader threw: ${error instanceof Error ? error.stack : String(error)}`,
    }
  }
}

const accepted = (what: string | null): Outcome =>
  what === null ? { outcome: 'both accept' } : { outcome: 'disagreement', what }

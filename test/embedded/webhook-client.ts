import { Agent, request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'

export interface Place {
  readonly url: string
  readonly caPem: string
  /** The timeout of the entry. */
  readonly seconds: number
}

export type Called =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly problem: string }

interface Answer {
  readonly status: number
  readonly text: string
  /** Seconds; the API server's client asks again after them. */
  readonly retryAfter: number | null
}

/** Posts AdmissionReviews. Connections are kept open, as an API server keeps them. */
export class WebhookClient {
  readonly #agents = new Map<string, Agent>()

  async post({ url, caPem, seconds }: Place, review: JsonObject): Promise<Called> {
    const target = `${url}?timeout=${seconds}s`
    const failed = (because: string): Called => ({ ok: false, problem: `Post "${target}": ${because}` })
    const signal = AbortSignal.timeout(seconds * 1_000)
    try {
      for (;;) {
        const answer = await this.#send(target, { caPem, text: JSON.stringify(review), signal })
        if (answer.retryAfter === null) return parse(answer)
        await sleep(answer.retryAfter * 1_000, undefined, { signal })
      }
    } catch (error) {
      if (signal.aborted) return failed('context deadline exceeded')
      return failed(error instanceof Error ? error.message : String(error))
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
  }

  #send(
    url: string,
    { caPem, text, signal }: { readonly caPem: string; readonly text: string; readonly signal: AbortSignal },
  ): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.#agent(caPem), headers, signal }
      const outgoing = httpsRequest(url, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const status = response.statusCode ?? 0
          const after = response.headers['retry-after']
          const retries = (status === 429 || status >= 500) && after !== undefined
          resolve({
            status,
            text: Buffer.concat(chunks).toString(),
            retryAfter: retries ? Number(after) : null,
          })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(text)
    })
  }

  #agent(ca: string): Agent {
    const known = this.#agents.get(ca)
    if (known !== undefined) return known
    const agent = new Agent({ keepAlive: true, ca })
    this.#agents.set(ca, agent)
    return agent
  }
}

function parse({ status, text }: Answer): Called {
  if (status !== 200) return { ok: false, problem: `an error on the server (${text.slice(0, 200)})` }
  try {
    const body: unknown = JSON.parse(text)
    return isObject(body) ? { ok: true, body } : { ok: false, problem: 'the answer is not an object' }
  } catch {
    return { ok: false, problem: 'the answer is not JSON' }
  }
}

import { Agent, get } from 'node:http'
import { until } from '../../kit/until.ts'

const EVERY_MS = 1_000
/** `timeoutSeconds` of the chart's liveness probe. */
const TIMEOUT_MS = 5_000
/** For a process that ended to be there again. */
const RECOVERY_MS = 30_000

export interface Probed {
  readonly sent: number
  readonly failed: number
  /** Of those that were answered. */
  readonly slowestMs: number
}

/** Asks /livez each second as a kubelet does: each time on a new connection. */
export function startProbing(urls: readonly string[]): { stop(): Promise<Probed> } {
  const probes: Promise<number | null>[] = []
  const timer = setInterval(() => probes.push(...urls.map(probe)), EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      const answers = await Promise.all(probes)
      const answered = answers.filter((ms) => ms !== null)
      return {
        sent: answers.length,
        failed: answers.length - answered.length,
        slowestMs: Math.max(0, ...answered),
      }
    },
  }
}

/** Resolves when each answers, or gives up: then whatever was to end has ended. */
export async function untilLive(urls: readonly string[]): Promise<void> {
  const live = async () => (await Promise.all(urls.map(probe))).every((ms) => ms !== null)
  await until(live, '/livez is answered', RECOVERY_MS, EVERY_MS).catch(() => undefined)
}

/** Milliseconds to the end of the answer; null when it is another than 200, or none. */
async function probe(url: string): Promise<number | null> {
  const started = performance.now()
  const { promise, resolve } = Promise.withResolvers<number | null>()
  const outgoing = get(`${url}/livez`, { agent: new Agent(), signal: AbortSignal.timeout(TIMEOUT_MS) })
  outgoing.on('error', () => resolve(null))
  outgoing.on('response', (response) => {
    response.on('error', () => resolve(null))
    response.on('end', () => resolve(response.statusCode === 200 ? performance.now() - started : null))
    response.resume()
  })
  return promise
}

import { Agent, get } from 'node:http'

const EVERY_MS = 1_000
/** `timeoutSeconds` of the chart's liveness probe. */
const TIMEOUT_MS = 5_000
/** `failureThreshold`: after so many in a row a kubelet restarts the container. */
const FAILURES = 3

export interface Probed {
  readonly sent: number
  readonly failed: number
  /** How often a kubelet would have restarted one of them. */
  readonly restarts: number
  /** Of those that were answered. */
  readonly slowestMs: number
}

/** Asks /livez each second, each time on a new connection as a kubelet does. */
export function startProbing(urls: readonly string[]): { stop(): Promise<Probed> } {
  const probes = urls.map((url) => ({ url, answers: [] as Promise<number | null>[] }))
  const timer = setInterval(() => {
    for (const { url, answers } of probes) answers.push(probe(url))
  }, EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      const answered = await Promise.all(probes.map(async ({ answers }) => await Promise.all(answers)))
      const all = answered.flat()
      const times = all.filter((ms) => ms !== null)
      const restarts = answered.reduce((sum, answers) => sum + restartsOf(answers), 0)
      const failed = all.length - times.length
      return { sent: all.length, failed, restarts, slowestMs: Math.max(0, ...times) }
    },
  }
}

export function restartsOf(answers: readonly (number | null)[]): number {
  let [restarts, inRow] = [0, 0]
  for (const ms of answers) {
    inRow = ms === null ? inRow + 1 : 0
    if (inRow === FAILURES) restarts += 1
  }
  return restarts
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

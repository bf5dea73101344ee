import type { Known } from '../../../policies/types.ts'
import { problemOf } from '../../cluster/refusal.ts'
import type { Session } from '../../cluster/session.ts'

/** An API server of a large cluster shows some 10 MB of metrics. */
const METRICS_MAX_BYTES = 64 * 1024 * 1024
const METRICS_MS = 10_000
const METRIC = 'apiserver_admission_webhook_fail_open_count'

/** Reads how often the API server that answers admitted a request because the webhook did not. */
export async function readFailedOpen({ cluster, server }: Session, webhook: string): Promise<Known<number>> {
  const opened = await cluster.open({ path: '/metrics', signal: AbortSignal.timeout(METRICS_MS) })
  if (!opened.ok)
    return { known: false, because: problemOf(opened, "the API server's metrics", server).message }
  let [count, bytes, rest] = [0, 0, '']
  try {
    for await (const chunk of opened.body.setEncoding('utf8')) {
      const text = String(chunk)
      bytes += text.length
      if (bytes > METRICS_MAX_BYTES) break
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) count += countOn(line, webhook)
    }
  } catch {
    return { known: false, because: `the API server's metrics took longer than ${METRICS_MS / 1_000} s` }
  }
  return { known: true, value: count }
}

function countOn(line: string, webhook: string): number {
  if (!line.startsWith(`${METRIC}{`) || !line.includes(`name="${webhook}"`)) return 0
  return Number(line.slice(line.lastIndexOf(' ') + 1)) || 0
}

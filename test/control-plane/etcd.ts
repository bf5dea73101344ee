import { isObject } from '../kit/client.ts'

/** etcd's JSON gateway: `/v3/kv/range` tells the present revision in its header, `/v3/kv/compaction` forgets older ones. */
export async function compact(url: string): Promise<void> {
  const { header } = await call(url, '/v3/kv/range', {
    key: Buffer.from('/').toString('base64'),
    count_only: true,
  })
  const revision = isObject(header) ? header['revision'] : undefined
  if (typeof revision !== 'string') throw new Error('etcd tells no revision')
  await call(url, '/v3/kv/compaction', { revision, physical: true })
}

async function call(url: string, path: string, body: object) {
  const response = await fetch(url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  const answer: unknown = await response.json()
  if (!response.ok || !isObject(answer))
    throw new Error(`etcd ${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

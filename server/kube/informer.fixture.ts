import type test from 'node:test'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { Informer, type InformerOptions } from './informer.ts'
import { connect } from './transport.ts'

const NODES = '/api/v1/nodes'
export const nodeName = (name: string): { metadata: { name: string } } => ({ metadata: { name } })

export type Begun = Awaited<ReturnType<typeof begin>>

/** The server's version becomes another, by an object that the list is not about. */
export function moveVersion(api: FaultyApi): void {
  api.collection('/api/v1/namespaces').put({ metadata: { name: 'another' } })
}

/** Lists that were asked for, a page each. */
export function pagesOf({ api }: Begun): string[] {
  return api.heard.map(({ url }) => url).filter((url) => url.includes('limit='))
}

/** A started list of the node names that the server holds, with its times shortened. */
export async function begin(t: test.TestContext, options: Partial<InformerOptions<string>> = {}) {
  const api = await FaultyApi.start()
  const nodes = api.collection(NODES)
  nodes.put(nodeName('n1'))
  const { log, recorder, said, counted } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  const list = new Informer<string>({
    name: 'nodes',
    title: 'Nodes',
    path: NODES,
    select: (object) => JSON.stringify(object['label'] ?? 'plain'),
    cluster,
    log,
    recorder,
    times: { longestWaitMs: 400 },
    ...options,
  })
  const told: string[] = []
  list.subscribe(({ key, before, after }) => told.push(`${key}: ${before} -> ${after}`))
  t.after(async () => {
    await list.stop()
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  return { api, nodes, list, told, said, counted, cluster }
}

export async function live({ list, nodes }: Begun): Promise<void> {
  list.start()
  await until(() => list.state().phase === 'live' && nodes.watchers === 1, 'the list is live and watched')
}

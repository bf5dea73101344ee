import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { answering, FakeApi, hanging, isList, isWatch, resetting } from '../../test/kit/fake-api/fake-api.ts'
import { listen } from '../../test/kit/fake-api/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { Informer, type InformerOptions } from './informer.ts'
import { connect } from './transport.ts'

const NODES = '/api/v1/nodes'
const nodeName = (name: string): { metadata: { name: string } } => ({ metadata: { name } })

type Begun = Awaited<ReturnType<typeof begin>>

/** A started list of the node names that the fake server holds, with its times shortened. */
async function begin(t: test.TestContext, options: Partial<InformerOptions<string>> = {}) {
  const api = await FakeApi.start()
  const nodes = api.collection(NODES)
  nodes.put(nodeName('n1'))
  const { log, instruments, said, counted } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, instruments)
  const list = new Informer<string>({
    name: 'nodes',
    title: 'Nodes',
    path: NODES,
    select: (object) => JSON.stringify(object['label'] ?? 'plain'),
    cluster,
    log,
    instruments,
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

async function live({ list, nodes }: Begun): Promise<void> {
  list.start()
  await until(() => list.state().phase === 'live' && nodes.watchers === 1, 'the list is live and watched')
}

test('a list is syncing until it has been read, and live from then on', async (t) => {
  const begun = await begin(t)
  assert.equal(begun.list.state().phase, 'syncing')
  await live(begun)
  assert.deepEqual([...begun.list.values()], ['"plain"'])
  assert.equal(begun.list.state().problem, null)
  assert.deepEqual(begun.told, ['n1: undefined -> "plain"'])
})

test('what happens to an object is known and told', async (t) => {
  const begun = await begin(t)
  const { nodes, list, told } = begun
  await live(begun)
  nodes.put({ ...nodeName('n1'), label: 'a' })
  nodes.remove('n1')
  await until(() => list.size === 0, 'the object is gone')
  assert.deepEqual(told.slice(1), ['n1: "plain" -> "a"', 'n1: "a" -> undefined'])
})

test('a watch that is closed goes on from the last version it heard', async (t) => {
  const begun = await begin(t)
  const { api, nodes, list } = begun
  await live(begun)
  const heard = nodes.put(nodeName('n2'))
  await until(() => list.size === 2, 'n2 is known')
  nodes.end('closed')
  await until(() => nodes.watchers === 1, 'it watches again')
  const [last] = api.heard.filter(({ url }) => url.includes('watch=true')).slice(-1)
  assert.match(
    last?.url ?? '',
    new RegExp(`resourceVersion=${heard.metadata.resourceVersion}&timeoutSeconds=[345]\\d\\d$`, 'u'),
  )
  assert.equal(api.heard.filter(({ url }) => url.includes('limit')).length, 1)
})

test('a watch that is cut loses nothing that happened meanwhile', async (t) => {
  const begun = await begin(t)
  await live(begun)
  begun.nodes.end('cut')
  begun.nodes.put(nodeName('n2'))
  await until(() => begun.list.size === 2, 'n2 is known')
})

test('an event that got lost is made good by the periodic list', async (t) => {
  const begun = await begin(t, { times: { relistMs: 300 } })
  const { nodes, list, told } = begun
  nodes.put(nodeName('n2'))
  await live(begun)
  nodes.put({ ...nodeName('n1'), label: 'changed' }, true)
  nodes.remove('n2', true)
  nodes.put(nodeName('n3'), true)
  await until(() => list.get('n3') !== undefined, 'the next list is read')
  await until(() => list.get('n2') === undefined, 'what is gone is forgotten')
  assert.deepEqual(told.slice(2), [
    'n1: "plain" -> "changed"',
    'n3: undefined -> "plain"',
    'n2: "plain" -> undefined',
  ])
  assert.equal(nodes.watchers, 1)
})

test('a version that is too old, told in the stream, leads to a fresh list', async (t) => {
  const begun = await begin(t)
  const { nodes, list, counted } = begun
  await live(begun)
  nodes.put(nodeName('n2'), true)
  nodes.compactedAt = 1_000_000
  nodes.end('closed')
  await until(() => list.size === 2, 'n2 is known')
  assert.ok((counted.get('nodes expired') ?? 0) >= 1)
})

test('410 as the answer to a watch leads to a fresh list', async (t) => {
  const begun = await begin(t)
  const { api, nodes, list } = begun
  await live(begun)
  api.plan(answering({ code: 410, reason: 'Expired', message: 'too old' }), isWatch)
  nodes.put(nodeName('n2'), true)
  nodes.end('closed')
  await until(() => list.size === 2, 'n2 is known')
})

test('a server that calls each version too old is not asked in a tight loop', async (t) => {
  const begun = await begin(t)
  begun.nodes.compactedAt = 1_000_000
  begun.list.start()
  await sleep(700)
  const lists = begun.api.heard.filter(({ url }) => url.includes('limit')).length
  assert.ok(lists >= 2 && lists <= 5, `${lists} lists in 0.7 s`)
})

test('a server that closes each watch at once is not asked in a tight loop, and stop does not wait for it', async (t) => {
  const begun = await begin(t)
  begun.api.plan((_request, response) => void response.writeHead(200).end(), isWatch, 1_000)
  begun.list.start()
  await sleep(1_000)
  const watches = begun.api.heard.filter(({ url }) => url.includes('watch=true')).length
  assert.ok(watches >= 2 && watches <= 7, `${watches} watches in a second`)
  const stopped = performance.now()
  await begun.list.stop()
  assert.ok(performance.now() - stopped < 1_000, 'it stops between two watches')
})

test('a watch that stays silent is taken for dead and the list read again', async (t) => {
  const begun = await begin(t, { times: { silenceMs: 250 } })
  const { nodes, list, counted } = begun
  await live(begun)
  nodes.put(nodeName('n2'), true)
  await until(() => list.size === 2, 'n2 is known')
  assert.ok((counted.get('nodes silent') ?? 0) >= 1)
  assert.ok(list.state().ageMs < 1_000)
})

test('a watch that never sends its headers is taken for dead too', async (t) => {
  const begun = await begin(t, { times: { silenceMs: 250 } })
  begun.api.plan(hanging, isWatch)
  await live(begun)
  assert.equal(begun.counted.get('nodes silent'), 1)
})

test('bookmarks keep a quiet watch alive and move its version', async (t) => {
  const begun = await begin(t, { times: { silenceMs: 400 } })
  const { api, nodes, counted } = begun
  await live(begun)
  for (let mark = 0; mark < 8; mark += 1) {
    await sleep(100)
    nodes.bookmark()
  }
  await until(() => (counted.get('nodes spoke') ?? 0) >= 9, 'all bookmarks are heard')
  nodes.end('closed')
  await until(() => nodes.watchers === 1, 'it watches again')
  assert.equal(counted.get('nodes silent'), undefined)
  assert.ok(api.heard.at(-1)?.url.includes(`resourceVersion=${nodes.version}&`))
})

test('an etcd that was restored is recovered from: lower versions are believed', async (t) => {
  const begun = await begin(t, { times: { silenceMs: 250 } })
  const { api, nodes, list } = begun
  await live(begun)
  nodes.end('cut')
  api.turnBack(10)
  nodes.remove('n1', true)
  nodes.put(nodeName('n-restored'), true)
  await until(() => list.get('n-restored') !== undefined && list.size === 1, 'the restored state is known')
})

test('garbage in a watch is a fault that is told, waited for and left behind', async (t) => {
  const begun = await begin(t)
  const { nodes, list, said, counted } = begun
  await live(begun)
  for (const line of ['{"type":', '{}', '{"type":"NEW","object":{"metadata":{"resourceVersion":"1"}}}', '']) {
    nodes.say(line)
    await until(() => nodes.watchers === 0, 'the watch is given up')
    await until(() => nodes.watchers === 1, 'it watches again')
  }
  assert.equal(counted.get('nodes refused'), 4)
  assert.ok(said.includes('warn: a list or its watch failed'))
  assert.equal(list.size, 1)
})

test('a line that is too large is one object’s problem: the watch goes on', async (t) => {
  const begun = await begin(t)
  const { nodes, list, counted } = begun
  await live(begun)
  const huge = { ...nodeName('n1'), pad: 'x'.repeat(2 * 1_048_576) }
  nodes.say(JSON.stringify({ type: 'MODIFIED', object: huge }))
  nodes.put(nodeName('n2'))
  await until(() => list.get('n2') !== undefined, 'n2 is known')
  assert.deepEqual([list.isUnreadable('n1'), list.get('n1')], [true, undefined])
  assert.equal(counted.get('nodes refused'), undefined)
})

test('an error in the stream other than 410 is waited for', async (t) => {
  const begun = await begin(t)
  const { nodes, list } = begun
  await live(begun)
  const object = { kind: 'Status', code: 500, message: 'etcdserver: no leader' }
  nodes.say(JSON.stringify({ type: 'ERROR', object }))
  await until(() => list.state().problem !== null, 'the problem is told')
  assert.equal(list.state().problem, '200 Unreadable: etcdserver: no leader')
  await until(() => nodes.watchers === 1, 'it watches again')
})

test('a server that has gone away is found again within its longest wait', async (t) => {
  const begun = await begin(t)
  const { api, nodes, list } = begun
  await live(begun)
  await api.goAway()
  await until(() => list.state().problem !== null, 'the problem is told')
  assert.match(list.state().problem ?? '', /^Unreachable: connect ECONNREFUSED/u)
  assert.equal(list.state().phase, 'live')
  await sleep(1_500)
  nodes.put(nodeName('n2'))
  await api.comeBack()
  await until(() => list.size === 2, 'n2 is known', 2_000)
  assert.equal(list.state().problem, null)
})

test('Retry-After is obeyed', async (t) => {
  const begun = await begin(t)
  const busy = answering(
    { code: 429, reason: 'TooManyRequests', message: 'slow down' },
    { 'retry-after': '1' },
  )
  begun.api.plan(busy, isList)
  const begunAt = performance.now()
  await live(begun)
  assert.ok(performance.now() - begunAt >= 1_000)
})

test('resets, 5xx pages and refusals are retried until the list is there', async (t) => {
  const begun = await begin(t)
  begun.api.plan(resetting)
  begun.api.plan((_request, response) => void response.writeHead(503).end('<html>'))
  begun.api.plan(answering({ code: 403, reason: 'Forbidden', message: 'nodes is forbidden' }))
  begun.list.start()
  await until(() => begun.list.state().problem?.startsWith('403') ?? false, 'the 403 is told')
  assert.deepEqual(
    { ...begun.list.state(), ageMs: 0 },
    { phase: 'syncing', ageMs: 0, problem: '403 Forbidden: nodes is forbidden' },
  )
  await live(begun)
})

test('a resource that the server does not have is absent, and found once it has', async (t) => {
  const begun = await begin(t, {
    path: '/apis/networking.k8s.io/v1/servicecidrs',
    discovery: { path: '/apis/networking.k8s.io/v1', resource: 'servicecidrs' },
    times: { absentMs: 300 },
  })
  begun.list.start()
  await until(() => begun.list.state().phase === 'absent', 'it is absent')
  assert.equal(begun.list.state().problem, null)
  begun.api.collection('/apis/networking.k8s.io/v1/servicecidrs').put(nodeName('kubernetes'))
  await until(() => begun.list.state().phase === 'live', 'it is live')
  assert.equal(begun.list.size, 1)
})

test('an object that cannot be reduced is left out and stops nothing', async (t) => {
  const begun = await begin(t, {
    select: (object) => {
      if (object['label'] === 'poison') throw new Error('a bug')
      return object['label'] === 'uninteresting' ? undefined : 'kept'
    },
  })
  begun.nodes.put({ ...nodeName('n2'), label: 'poison' })
  await live(begun)
  begun.nodes.put({ ...nodeName('n1'), label: 'uninteresting' })
  begun.nodes.put(nodeName('n3'))
  await until(() => begun.list.get('n3') !== undefined, 'n3 is known')
  assert.deepEqual(begun.told.slice(1), ['n1: kept -> undefined', 'n3: undefined -> kept'])
  assert.ok(begun.said.includes('error: an object could not be read'))
})

test('a subscriber that throws is told of, and the others hear everything', async (t) => {
  const begun = await begin(t)
  begun.list.subscribe(() => {
    throw new Error('a bug')
  })
  const heard: string[] = []
  begun.list.subscribe(({ key }) => heard.push(key))
  await live(begun)
  begun.nodes.put(nodeName('n2'))
  await until(() => heard.includes('n2'), 'n2 is heard of')
  assert.ok(begun.said.includes('error: a subscriber of a list threw'))
})

test('a stopped list leaves nothing open', async (t) => {
  const begun = await begin(t)
  await live(begun)
  await begun.list.stop()
  await until(() => begun.nodes.watchers === 0, 'the watch is closed')
})

test('a 404 is a failure like any other: the last state is kept, and nothing is taken for absent', async (t) => {
  const begun = await begin(t, { times: { relistMs: 200, longestWaitMs: 100 } })
  await live(begun)
  const page: Parameters<typeof begun.api.plan>[0] = (_request, response) =>
    void response.writeHead(404, { 'content-type': 'text/html' }).end('<html>404</html>')
  begun.api.plan(page, isList, 3)
  await until(() => begun.list.state().problem !== null, 'the 404 is a problem')
  assert.deepEqual([begun.list.state().phase, begun.list.size], ['live', 1])
  await until(() => begun.list.state().problem === null, 'it is current again')
  assert.deepEqual(begun.told, ['n1: undefined -> "plain"'])
})

test('a 404 of a resource that discovery lists is a failure too', async (t) => {
  const path = '/apis/networking.k8s.io/v1/servicecidrs'
  const begun = await begin(t, {
    path,
    discovery: { path: '/apis/networking.k8s.io/v1', resource: 'servicecidrs' },
  })
  begun.api.collection(path).put(nodeName('kubernetes'))
  begun.api.plan((_request, response) => void response.writeHead(404).end('gone'), isList)
  begun.list.start()
  await until(() => begun.list.state().problem !== null, 'the 404 is a problem')
  await until(() => begun.list.state().phase === 'live', 'it is live')
})

test('a list is as old as the request for its first page, however long it takes', async (t) => {
  const begun = await begin(t)
  const slow: Parameters<typeof begun.api.plan>[0] = (_request, response) => {
    response.writeHead(200).write('{"kind":"NodeList","metadata":{"resourceVersion":"1000"},"items":[')
    setTimeout(() => response.end('{"metadata":{"name":"n1","uid":"u","resourceVersion":"900"}}]}'), 600)
  }
  begun.api.plan(slow, isList)
  begun.list.start()
  await until(() => begun.list.state().phase === 'live', 'it is live')
  assert.ok(begun.list.state().ageMs >= 590, `${begun.list.state().ageMs}`)
})

test('a bookmark without a newer version proves nothing, one with a newer version does', async (t) => {
  const begun = await begin(t)
  await live(begun)
  await sleep(300)
  const resourceVersion = String(begun.nodes.version)
  begun.nodes.say(JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } }))
  await sleep(100)
  assert.ok(begun.list.state().ageMs >= 390)
  begun.nodes.bookmark()
  await until(() => begun.list.state().ageMs < 100, 'it is proven')
})

test('all who wait for a refresh share one list, and nobody asks while the store is new enough', async (t) => {
  const begun = await begin(t)
  await live(begun)
  await begun.list.refresh(10_000)
  const lists = (): number => begun.api.heard.filter(({ url }) => url.includes('limit=')).length
  assert.equal(lists(), 1)
  await sleep(100)
  await Promise.all(Array.from({ length: 50 }, () => begun.list.refresh(50)))
  assert.equal(lists(), 2)
  assert.ok(begun.list.state().ageMs < 100)
})

test('a refresh that fails ends, and the list is tried again by itself with a back-off', async (t) => {
  const begun = await begin(t, { times: { longestWaitMs: 200 } })
  await live(begun)
  begun.api.plan((_request, response) => void response.writeHead(503).end(), isList, 3)
  await sleep(60)
  await begun.list.refresh(50)
  assert.ok(begun.list.state().ageMs > 50)
  await until(() => begun.list.state().ageMs < 50, 'it is current again', 3_000)
})

test('a page that is refused is asked for again, and the list is not begun anew', async (t) => {
  const begun = await begin(t)
  for (let number = 0; number < 1_200; number += 1) begun.nodes.put(nodeName(`m${number}`))
  begun.api.plan(
    (_request, response) => void response.writeHead(503).end(),
    (request) => request.url?.includes('continue=500') ?? false,
    2,
  )
  await live(begun)
  assert.equal(begun.list.size, 1_201)
  const pages = begun.api.heard.map(
    ({ url }) => /continue=(\d+)/u.exec(url)?.[1] ?? (url.includes('limit=') ? 'first' : ''),
  )
  assert.deepEqual(
    pages.filter((page) => page !== ''),
    ['first', '500', '500', '500', '1000'],
  )
})

test('the watch runs while a list is read, and what it reports is not overwritten by the list', async (t) => {
  const begun = await begin(t, { select: (object) => JSON.stringify(object['label'] ?? 'plain') })
  for (let number = 0; number < 600; number += 1) begun.nodes.put(nodeName(`m${number}`))
  const held = Promise.withResolvers<void>()
  begun.api.plan(
    (_request, response) => {
      void held.promise.then(() => {
        const items = [{ metadata: { name: 'late', uid: 'u', resourceVersion: '5' } }]
        response.end(JSON.stringify({ kind: 'NodeList', metadata: { resourceVersion: '1500' }, items }))
      })
    },
    (request) => request.url?.includes('continue=500') ?? false,
  )
  begun.list.start()
  await until(() => begun.nodes.watchers === 1, 'it watches before the list is complete')
  begun.nodes.put({ metadata: { name: 'late' }, label: 'new' })
  await until(() => begun.list.get('late') === '"new"', 'the event is known')
  held.resolve()
  await until(() => begun.list.state().phase === 'live', 'it is live')
  assert.equal(begun.list.get('late'), '"new"')
})

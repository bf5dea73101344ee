import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, hanging, isList, isWatch, resetting } from '../../test/embedded/faults.ts'
import { SERVICE_CIDR } from '../../test/embedded/resources.ts'
import { until } from '../../test/kit/until.ts'
import { begin, live, nodeName, pagesOf } from './informer.fixture.ts'

const isLaterPage = ({ url }: { readonly url?: string | undefined }): boolean =>
  url?.includes('continue=') ?? false

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

test('a server that has gone away is found again within its longest wait', async (t) => {
  const begun = await begin(t)
  const { api, nodes, list, counted } = begun
  await live(begun)
  await api.goAway()
  await until(() => list.state().problem !== null, 'the problem is told')
  assert.match(list.state().problem ?? '', /^Unreachable: connect ECONNREFUSED/u)
  assert.equal(list.state().phase, 'live')
  await until(() => (counted.get('nodes refused') ?? 0) >= 6, 'it was tried again and again')
  nodes.put(nodeName('n2'))
  await api.comeBack()
  // A wait that goes on doubling would take 6 s.
  await until(() => list.size === 2, 'n2 is known', 4_000)
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
  begun.api.server.withdraw(SERVICE_CIDR)
  // Its group version is served for what else is in it.
  begun.api.collection('/apis/networking.k8s.io/v1/namespaces/default/ingresses')
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

test('a 404 that only an answer of another kind confirms is a failure', async (t) => {
  const path = '/apis/networking.k8s.io/v1'
  const begun = await begin(t, {
    path: `${path}/servicecidrs`,
    discovery: { path, resource: 'servicecidrs' },
    times: { longestWaitMs: 100 },
  })
  begun.api.plan(
    (_request, response) => void response.writeHead(404).end('gone'),
    ({ url }) => url !== path,
  )
  const other = '{"kind":"APIGroupList","resources":[]}'
  begun.api.plan(
    (_request, response) => void response.writeHead(200).end(other),
    ({ url }) => url === path,
  )
  begun.list.start()
  await until(() => begun.list.state().problem !== null, 'the 404 is a problem')
  assert.equal(begun.list.state().phase, 'syncing')
})

test('a list is as old as the request for its first page, however long it takes', async (t) => {
  const begun = await begin(t)
  const slow = Promise.withResolvers<void>()
  begun.api.plan((_request, response) => {
    response.writeHead(200).write('{"kind":"NodeList","metadata":{"resourceVersion":"1000"},"items":[')
    const rest = '{"metadata":{"name":"n1","uid":"u","resourceVersion":"900"}}]}'
    void slow.promise.then(() => response.end(rest))
  }, isList)
  begun.api.plan(hanging, isWatch)
  begun.list.start()
  await until(() => begun.api.heard.length > 0, 'the page is asked for')
  const askedAt = performance.now()
  await until(() => performance.now() - askedAt > 200, 'time goes by')
  slow.resolve()
  await until(() => begun.list.state().phase === 'live', 'it is live')
  assert.ok(begun.list.state().ageMs >= 200, `${begun.list.state().ageMs}`)
})

test('all who wait for a refresh share one list, and nobody asks while the store is new enough', async (t) => {
  const begun = await begin(t)
  await live(begun)
  await begun.list.refresh(10_000)
  assert.equal(pagesOf(begun).length, 1)
  await until(() => begun.list.state().ageMs > 50, 'it is old')
  await Promise.all(Array.from({ length: 50 }, () => begun.list.refresh(50)))
  assert.equal(pagesOf(begun).length, 2)
})

test('a refresh that fails ends, and the list is tried again by itself with a back-off', async (t) => {
  const begun = await begin(t, { times: { longestWaitMs: 200 } })
  await live(begun)
  begun.api.plan((_request, response) => void response.writeHead(503).end(), isList, 3)
  await until(() => begun.list.state().ageMs > 50, 'it is old')
  await begun.list.refresh(50)
  assert.notEqual(begun.list.state().problem, null)
  await until(() => begun.list.state().problem === null, 'it is current again')
  assert.equal(pagesOf(begun).length, 5)
})

test('a page that is refused is asked for again, and the list is not begun anew', async (t) => {
  const begun = await begin(t)
  for (let number = 0; number < 1_200; number += 1) begun.nodes.put(nodeName(`m${number}`))
  begun.api.plan((_request, response) => void response.writeHead(503).end(), isLaterPage, 2)
  await live(begun)
  assert.equal(begun.list.size, 1_201)
  const tokens = pagesOf(begun).map((url) => new URL(url, begun.api.url).searchParams.get('continue'))
  const [, second, , , third] = tokens
  assert.deepEqual(tokens, [null, second, second, second, third])
  assert.notEqual(second, third)
})

test('the watch runs while a list is read, and what it reports is not overwritten by the list', async (t) => {
  const begun = await begin(t, { select: (object) => JSON.stringify(object['label'] ?? 'plain') })
  for (let number = 0; number < 600; number += 1) begun.nodes.put(nodeName(`m${number}`))
  const held = Promise.withResolvers<void>()
  begun.api.plan((_request, response) => {
    const items = [{ metadata: { name: 'late', uid: 'u', resourceVersion: '5' } }]
    const list = JSON.stringify({ kind: 'NodeList', metadata: { resourceVersion: '1500' }, items })
    void held.promise.then(() => response.end(list))
  }, isLaterPage)
  begun.list.start()
  await until(() => begun.nodes.watchers === 1, 'it watches before the list is complete')
  begun.nodes.put({ metadata: { name: 'late' }, label: 'new' })
  await until(() => begun.list.get('late') === '"new"', 'the event is known')
  held.resolve()
  await until(() => begun.list.state().phase === 'live', 'it is live')
  assert.equal(begun.list.get('late'), '"new"')
})

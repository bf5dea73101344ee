import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, hanging, isWatch } from '../../test/embedded/faults.ts'
import { until } from '../../test/kit/until.ts'
import { begin, live, moveVersion, nodeName, pagesOf } from './informer.fixture.ts'

/** 200 + 400 + 400 ms, less 20 % of jitter. */
const LEAST_OF_THREE_WAITS_MS = 800

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
  assert.equal(pagesOf(begun).length, 1)
})

test('a watch that is cut loses nothing that happened meanwhile', async (t) => {
  const begun = await begin(t)
  await live(begun)
  begun.nodes.end('cut')
  begun.nodes.put(nodeName('n2'))
  await until(() => begun.list.size === 2, 'n2 is known')
})

test('a version that is too old, told in the stream, leads to a fresh list', async (t) => {
  const begun = await begin(t)
  const { api, nodes, list, counted } = begun
  await live(begun)
  nodes.put(nodeName('n2'), true)
  api.server.compact()
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

test('a watch that is refused is asked for again, and nothing is listed for it', async (t) => {
  const begun = await begin(t)
  const { api, nodes } = begun
  await live(begun)
  api.plan(answering({ code: 503, reason: 'ServiceUnavailable', message: 'busy' }), isWatch, 4)
  nodes.end('cut')
  await until(() => nodes.watchers === 1, 'it watches again')
  assert.equal(api.heard.filter(({ url }) => url.includes('watch=true')).length, 6)
  assert.equal(pagesOf(begun).length, 1)
})

test('a server that calls each version too old is not asked in a tight loop', async (t) => {
  const begun = await begin(t)
  const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }
  const expired = JSON.stringify({ type: 'ERROR', object })
  begun.api.plan((_request, response) => void response.writeHead(200).end(`${expired}\n`), isWatch, Infinity)
  const started = performance.now()
  begun.list.start()
  await until(() => pagesOf(begun).length >= 4, 'it lists again')
  const ms = performance.now() - started
  assert.ok(ms > LEAST_OF_THREE_WAITS_MS, `four lists in ${ms} ms`)
})

test('a server that closes each watch at once is not asked in a tight loop, and stop does not wait for it', async (t) => {
  const begun = await begin(t)
  begun.api.plan((_request, response) => void response.writeHead(200).end(), isWatch, 1_000)
  const started = performance.now()
  begun.list.start()
  const watches = () => begun.api.heard.filter(({ url }) => url.includes('watch=true')).length
  await until(() => watches() >= 4, 'it watches again')
  const ms = performance.now() - started
  assert.ok(ms > LEAST_OF_THREE_WAITS_MS, `four watches in ${ms} ms`)
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
  const spoken = () => counted.get('nodes spoke') ?? 0
  for (const began = performance.now(); performance.now() - began < 800; ) {
    const before = spoken()
    moveVersion(api)
    nodes.bookmark()
    await until(() => spoken() > before, 'the bookmark is heard')
  }
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
  api.server.turnBack(10)
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
  assert.deepEqual([list.isUnreadable('n1'), list.get('n1')], [true, '"plain"'])
  assert.equal(counted.get('nodes refused'), undefined)
})

test('an object with more elements than any is one object’s problem, until it is gone', async (t) => {
  const begun = await begin(t)
  const { nodes, list, counted, said } = begun
  await live(begun)
  const object = { ...nodeName('n1'), status: { images: Array.from({ length: 100_000 }, () => ({})) } }
  nodes.say(JSON.stringify({ type: 'MODIFIED', object }))
  await until(() => list.isUnreadable('n1'), 'n1 is unreadable')
  assert.ok(said.includes('warn: an object cannot be read'))
  nodes.say(JSON.stringify({ type: 'DELETED', object }))
  await until(() => list.size === 0, 'n1 is gone')
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

test('a bookmark without a newer version proves nothing, one with a newer version does', async (t) => {
  const begun = await begin(t)
  await live(begun)
  const { api, nodes, list, counted } = begun
  await until(() => list.state().ageMs >= 300, 'it is old')
  const spoken = counted.get('nodes spoke') ?? 0
  nodes.bookmark()
  await until(() => (counted.get('nodes spoke') ?? 0) > spoken, 'the bookmark is heard')
  assert.ok(list.state().ageMs >= 300)
  moveVersion(api)
  nodes.bookmark()
  await until(() => list.state().ageMs < 300, 'it is proven')
})

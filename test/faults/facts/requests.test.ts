/** How lists are read, and what is asked for, while the API server or a proxy before it misbehaves. */
import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../kit/child.ts'
import { answering, type Fault } from '../../embedded/faults.ts'
import { CSRS } from '../../kit/kubelet/csr.ts'
import { until } from '../../kit/until.ts'
import { answeringPage, isListOf, isWatchOf, NODES, nodeOf, silentWatch, STARTED_MS, World } from './world.ts'

const SOON_MS = 15_000
const busy = answering({ code: 503, reason: 'ServiceUnavailable', message: 'busy' })
const expired = answering({ code: 410, reason: 'Expired', message: 'too old' })
const notFoundAsHtml: Fault = (_request, response) =>
  response.writeHead(404, { 'content-type': 'text/html' }).end('<html>404 Not Found</html>')

describe('requests', { concurrency: 4 }, () => {
  test('an HTML 404 for the list of Nodes does not count as a list without Nodes', async () => {
    await using world = await World.create()
    world.join('victim', '10.0.0.1')
    await world.runUntilReady()
    await world.untilApproved(world.ask('victim', '10.0.0.1'), SOON_MS)
    world.join('liar', '10.0.0.1')
    world.api.plan(notFoundAsHtml, isListOf(NODES), Infinity)
    world.api.plan(expired, isWatchOf(NODES), 1)
    world.nodes.end('closed')
    await until(() => world.count(isListOf(NODES)) > 1, 'the list is asked for again')
    await sleep(500)
    const contested = world.ask('liar', '10.0.0.1')
    await sleep(2_000)
    assert.equal(world.isApproved(contested), false)
    world.api.forgetPlans()
    world.join('honest', '10.0.0.2')
    await world.untilApproved(world.ask('honest', '10.0.0.2'), SOON_MS)
    assert.equal(world.isApproved(contested), false)
  })

  test('a list is as old as its first request, not as its last page', async () => {
    await using world = await World.create()
    world.join('mover', '10.0.0.1')
    const mover = world.nodes.get('mover')
    assert.ok(mover)
    const slow = Promise.withResolvers<void>()
    world.api.plan(answeringPage({ resourceVersion: 1, items: [mover], next: '2' }), isListOf(NODES))
    world.api.plan(answeringPage({ resourceVersion: 1, items: [], after: slow.promise }), isListOf(NODES))
    world.api.plan(silentWatch, isWatchOf(NODES), Infinity)
    const { ready } = await world.run()
    await until(() => world.count(isListOf(NODES)) === 2, 'the second page is asked for', STARTED_MS)
    world.join('mover', '10.0.0.9')
    await sleep(6_500)
    slow.resolve()
    await ready()
    const early = world.ask('mover', '10.0.0.1')
    const now = world.ask('mover', '10.0.0.9')
    await until(() => world.isApproved(early) || world.isApproved(now), 'one of them is approved')
    assert.deepEqual([world.isApproved(early), world.isApproved(now)], [false, true])
  })

  test('a watch that is refused is asked for again, and nothing is listed for it', async () => {
    await using world = await World.create()
    world.join('n1', '10.0.0.1')
    await world.runUntilReady()
    world.api.plan(busy, isWatchOf(NODES), 4)
    const before = world.count(isWatchOf(NODES))
    world.nodes.end('cut')
    await until(() => world.count(isWatchOf(NODES)) >= before + 5, 'the fifth watch is asked for')
    assert.equal(world.count(isListOf(NODES)), 1)
  })

  test('a page that is refused is asked for again by itself', async () => {
    await using world = await World.create()
    const pages = 30
    const items = Array.from({ length: pages }, (_, at) => nodeOf(`n${at}`, `10.0.1.${at}`))
    let asked = 0
    let refused = 0
    world.api.plan(
      (request, response) => {
        asked += 1
        if (asked % 7 === 0) {
          refused += 1
          return busy(request, response)
        }
        const at = Number(new URL(request.url ?? '', world.api.url).searchParams.get('continue') ?? 0)
        const page = { resourceVersion: 1, items: items.slice(at, at + 1) }
        answeringPage(at + 1 < pages ? { ...page, next: String(at + 1) } : page)(request, response)
      },
      isListOf(NODES),
      Infinity,
    )
    const { ready } = await world.run()
    await ready()
    assert.equal(asked, pages + refused)
  })

  test('a CSR that is created while its list is read is approved at once', async () => {
    await using world = await World.create()
    world.join('n1', '10.0.0.1')
    await world.runUntilReady()
    const { version: resourceVersion } = world.csrs
    const slow = Promise.withResolvers<void>()
    world.api.plan(answeringPage({ resourceVersion, items: [], next: '1' }), isListOf(CSRS))
    world.api.plan(answeringPage({ resourceVersion, items: [], after: slow.promise }), isListOf(CSRS))
    world.api.plan(expired, isWatchOf(CSRS))
    world.csrs.end('closed')
    await until(() => world.count(isListOf(CSRS)) === 3, 'the second page is asked for')
    await world.untilApproved(world.ask('n1', '10.0.0.1'), SOON_MS)
    slow.resolve()
  })

  test('a Node too large to be read keeps no other node from its certificate', async () => {
    await using world = await World.create()
    const filler = { annotations: { filler: 'x'.repeat(17 * 1_048_576) } }
    const huge = nodeOf('huge', '10.0.0.1')
    world.nodes.put({ ...huge, metadata: { ...huge.metadata, ...filler } })
    world.join('n1', '10.0.0.2')
    const { ready } = await world.run()
    await ready()
    await world.untilApproved(world.ask('n1', '10.0.0.2'), SOON_MS)
    world.nodes.put({ ...huge, metadata: { ...huge.metadata, ...filler } })
    world.join('n2', '10.0.0.3')
    await world.untilApproved(world.ask('n2', '10.0.0.3'), SOON_MS)
  })

  test('SIGTERM ends a process whose output nobody reads', async () => {
    await using world = await World.create()
    const logFile = join(world.api.folder, 'pipe')
    await run(['mkfifo', logFile])
    // Reading and writing, so that neither side waits to be opened.
    await using _pipe = await open(logFile, 'r+')
    for (let at = 0; at < 400; at += 1) world.ask(`n${at}`, '10.0.5.1')
    const { child, ready } = await world.run({ logFile })
    await ready()
    await until(() => world.csrs.watchers > 0, 'the CSRs are watched', STARTED_MS)
    await sleep(4_000)
    child.signal('SIGTERM')
    await until(() => child.ended() !== null, 'it has ended', 8_000)
  })
})

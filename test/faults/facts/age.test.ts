/** What is approved, asked for and led while lists are old, not known or refused. Real times, side by side. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { objectAt, textAt } from '../../../server/json.ts'
import { answering } from '../../embedded/faults.ts'
import { until } from '../../kit/until.ts'
import { isListOf, isNodeRead, isWatchOf, NODES, silentWatch, STARTED_MS, World } from './world.ts'

const SOON_MS = 15_000
const busy = answering({ code: 503, reason: 'ServiceUnavailable', message: 'busy' })

const holder = ({ leases }: World): string =>
  textAt(objectAt(leases.get('kubelet-csr-gate') ?? {}, 'spec'), 'holderIdentity')

describe('age', { concurrency: 4 }, () => {
  test('an address is not approved that another Node has reported since the Node watch fell silent', async () => {
    await using world = await World.create()
    world.api.plan(silentWatch, isWatchOf(NODES), Infinity)
    world.join('liar', '10.0.0.1')
    const { ready } = await world.run()
    await ready()
    await sleep(7_000)
    world.join('victim', '10.0.0.1', true)
    const contested = world.ask('liar', '10.0.0.1')
    world.join('honest', '10.0.0.2', true)
    await world.untilApproved(world.ask('honest', '10.0.0.2'), SOON_MS)
    await sleep(1_000)
    assert.equal(world.isApproved(contested), false)
  })

  test('while the Nodes are not known, nothing is asked for a CSR', async () => {
    await using world = await World.create()
    world.api.plan(() => undefined, isListOf(NODES), Infinity)
    for (let at = 0; at < 200; at += 1) world.join(`n${at}`, `10.0.2.${at}`)
    for (let at = 0; at < 200; at += 1) world.ask(`n${at}`, `10.0.2.${at}`)
    await world.run()
    await until(() => world.csrs.watchers > 0, 'the CSRs are watched', STARTED_MS)
    await sleep(20_000)
    assert.equal(world.count(isNodeRead), 0)
  })

  test('reservations that come again unchanged have no CSR looked at', async () => {
    await using world = await World.create()
    for (let at = 0; at < 50; at += 1) world.join(`n${at}`, '10.0.3.1')
    await world.runUntilReady()
    for (let at = 0; at < 50; at += 1) world.ask(`n${at}`, '10.0.3.2')
    await sleep(7_000)
    const from = world.api.heard.length
    for (let times = 0; times < 3; times += 1) {
      world.reportRange()
      await sleep(1_500)
    }
    assert.ok(world.count(isNodeRead, from) < 100, `${world.count(isNodeRead, from)} Nodes were read`)
  })

  test('a replica that cannot read the Nodes does not take the Lease', async () => {
    await using world = await World.create()
    world.api.plan(busy, isListOf(NODES), Infinity)
    await world.run({ leaderElect: true })
    await until(() => world.csrs.watchers > 0, 'the CSRs are watched', STARTED_MS)
    await sleep(6_000)
    assert.equal(holder(world), '')
  })

  test('a leader that cannot read the Nodes for 30 s gives the Lease back', async () => {
    await using world = await World.create()
    world.join('n1', '10.0.0.1')
    const { ready } = await world.run({ leaderElect: true })
    await ready()
    await until(() => holder(world) !== '', 'it leads', STARTED_MS)
    world.api.plan(busy, ({ url = '' }) => url.startsWith(NODES), Infinity)
    world.nodes.end('cut')
    world.ask('n1', '10.0.0.1')
    await until(() => holder(world) === '', 'the Lease is vacant', 40_000)
  })

  test('after an outage every CSR is approved within 7 s', async () => {
    await using world = await World.create()
    for (let at = 0; at < 50; at += 1) world.join(`n${at}`, `10.0.4.${at}`)
    await world.runUntilReady()
    world.api.plan(busy, () => true, Infinity)
    for (const collection of [world.nodes, world.csrs]) collection.end('cut')
    const asked = Array.from({ length: 50 }, (_, at) => world.ask(`n${at}`, `10.0.4.${at}`))
    // Long enough for a wait that doubles from 200 ms to have passed 10 s.
    await sleep(17_000)
    world.api.forgetPlans()
    // 5 s and a fifth more is the longest wait.
    await until(() => asked.every((csr) => world.isApproved(csr)), 'all are approved', 7_000)
  })

  test('a Retry-After is obeyed by every request', async () => {
    await using world = await World.create()
    for (let at = 0; at < 100; at += 1) world.join(`n${at}`, `10.0.2.${at}`)
    await world.runUntilReady()
    const waiting = answering(
      { code: 429, reason: 'TooManyRequests', message: 'busy' },
      { 'retry-after': '30' },
    )
    world.api.plan(waiting, () => true, Infinity)
    for (let at = 0; at < 100; at += 1) world.ask(`n${at}`, `10.0.2.${at}`)
    const from = world.api.heard.length
    await until(() => world.count(() => true, from) > 0, 'something is asked for')
    // Those that were begun before the first answer: each opens a connection.
    await sleep(4_000)
    const begun = world.api.heard.length
    await sleep(14_000)
    assert.equal(world.api.heard.length - begun, 0)
  })
})

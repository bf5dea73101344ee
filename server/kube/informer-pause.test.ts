import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, isList, isWatch } from '../../test/embedded/faults.ts'
import { until } from '../../test/kit/until.ts'
import { type Begun, begin, live, moveVersion, nodeName, pagesOf } from './informer.fixture.ts'

const MAX_AGE_MS = 5_000
const PAUSE_MS = 180_000
const busy = answering({ code: 503, reason: 'ServiceUnavailable', message: 'busy' })

/** A list that was read and is watched, and a clock that goes on by {@link PAUSE_MS}, as if this process had stood still. */
async function paused(t: test.TestContext): Promise<Begun & { pause(): void }> {
  const begun = await begin(t, { maxAgeMs: MAX_AGE_MS })
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  await live(begun)
  return { ...begun, pause: () => t.mock.timers.setTime(Date.now() + PAUSE_MS) }
}

/** What was heard is as old as the pause, until lists are answered again. */
async function onlyAListProves({ api, list }: Pick<Begun, 'api' | 'list'>): Promise<void> {
  assert.ok(list.state().ageMs >= PAUSE_MS, `${list.state().ageMs} ms old`)
  api.forgetPlans()
  await until(() => list.state().ageMs < MAX_AGE_MS, 'a list is read')
}

test('what lay in a socket while this process was suspended proves nothing, a list does', async (t) => {
  const begun = await paused(t)
  const { api, nodes, list } = begun
  api.plan(busy, isList, Infinity)
  begun.pause()
  for (const name of ['n2', 'n3']) nodes.put(nodeName(name))
  await until(() => list.size === 3, 'the lines are heard')
  await onlyAListProves(begun)
})

test('a watch that goes on after so long proves nothing before a list was read', async (t) => {
  const begun = await paused(t)
  const { api, nodes, list } = begun
  api.plan(busy, isWatch)
  api.plan(busy, isList, Infinity)
  nodes.end('closed')
  await until(() => list.state().problem !== null, 'the watch is refused')
  nodes.put(nodeName('n2'))
  begun.pause()
  await until(() => list.size === 2, 'the line is heard')
  await onlyAListProves(begun)
})

test('after a pause that is shorter the watch still proves what is known', async (t) => {
  const begun = await paused(t)
  const { nodes, list } = begun
  t.mock.timers.setTime(Date.now() + MAX_AGE_MS - 1_000)
  nodes.put(nodeName('n2'))
  await until(() => list.size === 2, 'the line is heard')
  assert.ok(list.state().ageMs < 1_000, `${list.state().ageMs} ms old`)
  assert.equal(pagesOf(begun).length, 1)
})

test('a list that is half read after its watch expired is no picture of any moment, and proves nothing', async (t) => {
  const begun = await begin(t)
  const { api, nodes, list } = begun
  await live(begun)
  const ages: number[] = []
  list.subscribe(() => ages.push(list.state().ageMs))
  for (const name of ['n2', 'n3']) nodes.put(nodeName(name), true)
  api.server.compact()
  nodes.end('closed')
  await until(() => list.size === 3, 'the list is read')
  assert.deepEqual(ages, [Infinity, Infinity])
  await until(() => list.state().ageMs < MAX_AGE_MS, 'it is proven')
})

test('a line from before the list brings back nothing that the list has shown to be gone', async (t) => {
  const begun = await begin(t)
  const { api, nodes, list } = begun
  const late = nodes.put(nodeName('late'), true)
  nodes.remove('late', true)
  moveVersion(api)
  await live(begun)
  nodes.say(JSON.stringify({ type: 'MODIFIED', object: late }))
  nodes.put(nodeName('n2'))
  await until(() => list.get('n2') !== undefined, 'n2 is known')
  assert.equal(list.size, 2)
})

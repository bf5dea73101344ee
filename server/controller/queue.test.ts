import assert from 'node:assert/strict'
import test, { mock } from 'node:test'
import { FairQueue } from './queue.ts'

/** A queue on a clock that only moves when told. */
function begin(t: test.TestContext) {
  const timers = mock.timers
  timers.enable({ apis: ['setTimeout', 'Date'] })
  const events: object[] = []
  let elapsedMs = (): readonly number[] => []
  const queue = new FairQueue({
    instruments: { queue: (event) => events.push(event), underway: (read) => void (elapsedMs = read) },
    monotonic: () => Date.now(),
    wake: () => undefined,
  })
  t.after(() => {
    queue.clear()
    timers.reset()
  })
  const takeAll = (): string[] => {
    const taken: string[] = []
    for (let key = queue.take(); key !== undefined; key = queue.take()) taken.push(key)
    return taken
  }
  return { queue, events, underway: () => elapsedMs(), takeAll, pass: (ms: number) => timers.tick(ms) }
}

/** All keys of one group, each done before the next is taken. */
function takeInTurn(queue: FairQueue): string[] {
  const taken: string[] = []
  for (let key = queue.take(); key !== undefined; key = queue.take()) {
    taken.push(key)
    queue.done(key, { next: 'waits' })
  }
  return taken
}

test('a key that is added many times is taken once', (t) => {
  const { queue, takeAll } = begin(t)
  for (let time = 0; time < 5; time += 1) queue.add('csr-1', 'n1')
  assert.deepEqual(takeAll(), ['csr-1'])
})

test('one CSR of a node runs at a time, and many nodes’ side by side', (t) => {
  const { queue, takeAll } = begin(t)
  queue.add('a1', 'a')
  queue.add('a2', 'a')
  queue.add('b1', 'b')
  assert.deepEqual(takeAll(), ['a1', 'b1'])
  queue.add('a3', 'a')
  queue.done('b1', { next: 'waits' })
  assert.deepEqual(takeAll(), [])
  queue.done('a1', { next: 'waits' })
  assert.deepEqual(takeAll(), ['a2'])
  queue.done('a2', { next: 'waits' })
  assert.deepEqual(takeAll(), ['a3'])
})

test('a node that floods waits for its turn behind everyone else', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 50; count += 1) queue.add(`flood-${count}`, 'flooder')
  queue.add('honest-1', 'honest')
  const first = queue.take()
  assert.equal(first, 'flood-0')
  queue.done('flood-0', { next: 'waits' })
  assert.equal(queue.take(), 'honest-1')
})

test('a full group lets its oldest go for the newest', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 70; count += 1) queue.add(`csr-${count}`, 'flooder')
  assert.deepEqual(
    takeInTurn(queue),
    Array.from({ length: 64 }, (_, index) => `csr-${index + 6}`),
  )
})

test('what is offered displaces nothing', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 64; count += 1) queue.add(`csr-${count}`, 'flooder')
  queue.offer('old', 'flooder')
  assert.deepEqual(
    takeInTurn(queue),
    Array.from({ length: 64 }, (_, index) => `csr-${index}`),
  )
})

test('a key added while it runs runs once more', (t) => {
  const { queue, takeAll } = begin(t)
  queue.add('csr-1', 'n1')
  takeAll()
  queue.add('csr-1', 'n1')
  queue.add('csr-1', 'n1')
  assert.deepEqual(takeAll(), [])
  queue.done('csr-1', { next: 'waits' })
  assert.deepEqual(takeAll(), ['csr-1'])
  queue.done('csr-1', { next: 'waits' })
  assert.deepEqual(takeAll(), [])
})

test('a key to be looked at again comes back after its time, or at once when something changed', (t) => {
  const { queue, takeAll, pass } = begin(t)
  queue.add('csr-1', 'n1')
  takeAll()
  queue.done('csr-1', { next: 'again', afterMs: 10_000 })
  pass(9_999)
  assert.deepEqual(takeAll(), [])
  pass(1)
  assert.deepEqual(takeAll(), ['csr-1'])
  queue.done('csr-1', { next: 'again', afterMs: 10_000 })
  queue.add('csr-1', 'n1')
  assert.deepEqual(takeAll(), ['csr-1'])
  queue.done('csr-1', { next: 'waits' })
  pass(60_000)
  assert.deepEqual(takeAll(), [])
})

test('failures wait twice as long each time, ±20 %, up to the longest wait, until one succeeds', (t) => {
  const { queue, takeAll, pass } = begin(t)
  const waitOf = (): number => {
    const begun = Date.now()
    while (takeAll().length === 0) pass(10)
    return Date.now() - begun
  }
  queue.add('csr-1', 'n1')
  takeAll()
  for (const expected of [200, 400, 800, 1_600, 2_000, 2_000]) {
    queue.done('csr-1', { next: 'retry', longestMs: 2_000 })
    const waited = waitOf()
    assert.ok(waited >= expected * 0.8 && waited <= expected * 1.2 + 10, `${waited} for ${expected}`)
  }
  queue.done('csr-1', { next: 'again', afterMs: 10 })
  waitOf()
  queue.done('csr-1', { next: 'retry', longestMs: 2_000 })
  assert.ok(waitOf() <= 250)
  queue.done('csr-1', { next: 'retry', longestMs: 2_000, atLeastMs: 5_000 })
  assert.ok(waitOf() >= 5_000)
})

test('depth, waits and work are counted', (t) => {
  const { queue, events, takeAll, pass } = begin(t)
  queue.add('csr-1', 'n1')
  pass(30)
  takeAll()
  pass(70)
  queue.done('csr-1', { next: 'retry', longestMs: 1_000 })
  assert.deepEqual(events, [
    { depth: 1, added: true },
    { depth: 0, waitedMs: 30 },
    { depth: 0, workedMs: 70 },
    { depth: 0, retried: true },
  ])
})

test('what is being judged is told with how long it has been so, until it is done', (t) => {
  const { queue, underway, pass } = begin(t)
  queue.add('a1', 'a')
  queue.add('b1', 'b')
  assert.deepEqual(underway(), [])
  queue.take()
  pass(30)
  queue.take()
  pass(70)
  assert.deepEqual(underway(), [100, 70])
  queue.done('a1', { next: 'retry', longestMs: 1_000 })
  assert.deepEqual(underway(), [70])
  queue.done('b1', { next: 'waits' })
  assert.deepEqual(underway(), [])
})

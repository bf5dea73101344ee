import assert from 'node:assert/strict'
import test, { mock } from 'node:test'
import { FairQueue } from './queue.ts'

/** A queue with a clock that only `pass` advances. */
function begin(t: test.TestContext) {
  const timers = mock.timers
  timers.enable({ apis: ['setTimeout', 'Date'] })
  const events: object[] = []
  let elapsedMs = (): readonly number[] => []
  const queue = new FairQueue({
    recorder: { queue: (event) => events.push(event), underway: (read) => void (elapsedMs = read) },
    monotonic: () => Date.now(),
    wake: () => undefined,
    isEstablished: (group) => !group.startsWith('new-'),
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

/** Takes all keys, and finishes each before the next is taken. */
function takeInTurn(queue: FairQueue): string[] {
  const taken: string[] = []
  for (let key = queue.take(); key !== undefined; key = queue.take()) {
    taken.push(key)
    queue.done(key, { kind: 'waits' })
  }
  return taken
}

test('a key that is added several times is taken once', (t) => {
  const { queue, takeAll } = begin(t)
  for (let time = 0; time < 5; time += 1) queue.add('csr-1', 'n1')
  assert.deepEqual(takeAll(), ['csr-1'])
})

test('CSRs of one node run one at a time, those of different nodes in parallel', (t) => {
  const { queue, takeAll } = begin(t)
  queue.add('a1', 'a')
  queue.add('a2', 'a')
  queue.add('b1', 'b')
  assert.deepEqual(takeAll(), ['a1', 'b1'])
  queue.add('a3', 'a')
  queue.done('b1', { kind: 'waits' })
  assert.deepEqual(takeAll(), [])
  queue.done('a1', { kind: 'waits' })
  assert.deepEqual(takeAll(), ['a2'])
  queue.done('a2', { kind: 'waits' })
  assert.deepEqual(takeAll(), ['a3'])
})

test('a node with many CSRs does not delay other nodes', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 50; count += 1) queue.add(`flood-${count}`, 'flooder')
  queue.add('honest-1', 'honest')
  const first = queue.take()
  assert.equal(first, 'flood-0')
  queue.done('flood-0', { kind: 'waits' })
  assert.equal(queue.take(), 'honest-1')
})

test('a full group drops its oldest key for the newest', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 70; count += 1) queue.add(`csr-${count}`, 'flooder')
  assert.deepEqual(
    takeInTurn(queue),
    Array.from({ length: 64 }, (_, index) => `csr-${index + 6}`),
  )
})

test('an offered key replaces nothing in a full group', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 64; count += 1) queue.add(`csr-${count}`, 'flooder')
  queue.offer('old', 'flooder')
  assert.deepEqual(
    takeInTurn(queue),
    Array.from({ length: 64 }, (_, index) => `csr-${index}`),
  )
})

test('newcomers without end do not keep an established node out, and what has no room can be offered again', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 10_001; count += 1) queue.add(`flood-${count}`, `new-${count}`)
  queue.add('csr-1', 'old')
  const taken = takeInTurn(queue)
  assert.deepEqual(
    [taken.length, taken.includes('csr-1'), taken.includes('flood-10000')],
    [10_001, true, false],
  )
  queue.offer('flood-10000', 'new-10000')
  assert.equal(queue.take(), 'flood-10000')
})

test('established nodes and newcomers take turns', (t) => {
  const { queue } = begin(t)
  for (let count = 0; count < 3; count += 1) queue.add(`flood-${count}`, `new-${count}`)
  queue.add('csr-1', 'old-1')
  queue.add('csr-2', 'old-2')
  assert.deepEqual(takeInTurn(queue), ['csr-1', 'flood-0', 'csr-2', 'flood-1', 'flood-2'])
})

test('a key that is added while it runs, runs once more', (t) => {
  const { queue, takeAll } = begin(t)
  queue.add('csr-1', 'n1')
  takeAll()
  queue.add('csr-1', 'n1')
  queue.add('csr-1', 'n1')
  assert.deepEqual(takeAll(), [])
  queue.done('csr-1', { kind: 'waits' })
  assert.deepEqual(takeAll(), ['csr-1'])
  queue.done('csr-1', { kind: 'waits' })
  assert.deepEqual(takeAll(), [])
})

test('a key with a delay is ready after the delay, or at once if it is added', (t) => {
  const { queue, takeAll, pass } = begin(t)
  queue.add('csr-1', 'n1')
  takeAll()
  queue.done('csr-1', { kind: 'recheck', afterMs: 10_000 })
  pass(9_999)
  assert.deepEqual(takeAll(), [])
  pass(1)
  assert.deepEqual(takeAll(), ['csr-1'])
  queue.done('csr-1', { kind: 'recheck', afterMs: 10_000 })
  queue.add('csr-1', 'n1')
  assert.deepEqual(takeAll(), ['csr-1'])
  queue.done('csr-1', { kind: 'waits' })
  pass(60_000)
  assert.deepEqual(takeAll(), [])
})

test('the wait after a failure doubles, ±20 %, up to a maximum, and starts over after a success', (t) => {
  const { queue, takeAll, pass } = begin(t)
  const waitOf = (): number => {
    const begun = Date.now()
    while (takeAll().length === 0) pass(10)
    return Date.now() - begun
  }
  queue.add('csr-1', 'n1')
  takeAll()
  for (const expected of [200, 400, 800, 1_600, 2_000, 2_000]) {
    queue.done('csr-1', { kind: 'retry', longestMs: 2_000 })
    const waited = waitOf()
    assert.ok(waited >= expected * 0.8 && waited <= expected * 1.2 + 10, `${waited} for ${expected}`)
  }
  queue.done('csr-1', { kind: 'recheck', afterMs: 10 })
  waitOf()
  queue.done('csr-1', { kind: 'retry', longestMs: 2_000 })
  assert.ok(waitOf() <= 250)
  queue.done('csr-1', { kind: 'retry', longestMs: 2_000, atLeastMs: 5_000 })
  assert.ok(waitOf() >= 5_000)
})

test('depth, waiting time, work time and retries are measured', (t) => {
  const { queue, events, takeAll, pass } = begin(t)
  queue.add('csr-1', 'n1')
  pass(30)
  takeAll()
  pass(70)
  queue.done('csr-1', { kind: 'retry', longestMs: 1_000 })
  assert.deepEqual(events, [
    { depth: 1, added: true },
    { depth: 0, waitedMs: 30 },
    { depth: 0, workedMs: 70 },
    { depth: 0, retried: true },
  ])
})

test('underway reports the elapsed time of each running key', (t) => {
  const { queue, underway, pass } = begin(t)
  queue.add('a1', 'a')
  queue.add('b1', 'b')
  assert.deepEqual(underway(), [])
  queue.take()
  pass(30)
  queue.take()
  pass(70)
  assert.deepEqual(underway(), [100, 70])
  queue.done('a1', { kind: 'retry', longestMs: 1_000 })
  assert.deepEqual(underway(), [70])
  queue.done('b1', { kind: 'waits' })
  assert.deepEqual(underway(), [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilStopped } from './shutdown.ts'

const never = new Promise<never>(() => undefined)

/** Ends a service by a signal; returns the exit code, what was done and logged, and the time that it took. */
async function end(changes: {
  readonly stop?: () => Promise<void>
  readonly problem?: string
  readonly drainMs?: number
  readonly nextStop?: () => Promise<string>
}) {
  const done: string[] = []
  const say = (fields: object, message: string) => void done.push(`${message} ${JSON.stringify(fields)}`)
  const service = {
    drain: () => void done.push('drain'),
    problem: () => changes.problem ?? null,
    stop: async () => {
      done.push('stop')
      await changes.stop?.()
    },
  }
  const begun = performance.now()
  const exitCode = await untilStopped(service, {
    log: { debug: say, info: say, warn: say, error: say },
    stop: Promise.resolve('SIGTERM'),
    nextStop: changes.nextStop ?? (() => never),
    drainMs: changes.drainMs ?? 0,
    stopWithinMs: 200,
  })
  return { exitCode, done, ms: performance.now() - begun }
}

test('a service that stops ends with exit code 0, after its drain', async () => {
  const { exitCode, done, ms } = await end({ drainMs: 100 })
  assert.equal(exitCode, 0)
  assert.deepEqual(done, ['draining {"signal":"SIGTERM","drainMs":100}', 'drain', 'stop', 'stopped {}'])
  assert.ok(ms >= 95, `${ms}`)
})

test('a service that never stops ends with exit code 1 in time', async () => {
  const { exitCode, done, ms } = await end({ stop: () => never })
  assert.equal(exitCode, 1)
  assert.equal(done.at(-1), 'stopped before all work had finished {"withinMs":200}')
  assert.ok(ms < 1_000, `${ms}`)
})

test('a second signal ends the drain at once', async () => {
  const { exitCode, ms } = await end({ drainMs: 20_000, nextStop: async () => 'SIGTERM' })
  assert.equal(exitCode, 0)
  assert.ok(ms < 1_000, `${ms}`)
})

test('a service whose liveness had failed ends with exit code 1 and says why last', async () => {
  const { exitCode, done } = await end({ problem: 'the event loop stood still' })
  assert.equal(exitCode, 1)
  assert.equal(done.at(-1), 'stopped after liveness had failed {"problem":"the event loop stood still"}')
})

/** What a flood of hostile bodies takes of a webhook's memory. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import { goodReview } from '../server/admission/good-review.fixture.ts'
import { imageSettings } from './kit/service/shipped.ts'

/** The chart's memory limit. */
const LIMIT_MIB = 192
/** A webhook in the image takes at most this much while it is idle. The one here takes more, since it reads TypeScript. */
const IDLE_MIB = 64
const GROWTH_MAX_MIB = LIMIT_MIB - IDLE_MIB
const { flags, environment } = await imageSettings()
/** A process outside of a container has no limit to take a share of. */
const FLAGS = flags.map((flag) =>
  flag.replace(/^--max-old-space-size-percentage=(\d+)$/u, (_, percent) => {
    return `--max-old-space-size=${Math.floor((LIMIT_MIB * Number(percent)) / 100)}`
  }),
)
const AT_ONCE = 50

interface Told {
  readonly port: number
  readonly ca: string
  readonly peakMiB: number
}

async function startWebhook() {
  const path = join(import.meta.dirname, 'kit/webhook-process.ts')
  const child = fork(path, { execArgv: FLAGS, env: { ...process.env, ...environment } })
  const told = async (): Promise<Told> => {
    const [message] = await once(child, 'message')
    return message
  }
  const { port, ca } = await told()
  const post = (body: Buffer): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const call = request({ host: '127.0.0.1', port, path: '/validate', method: 'POST', headers, ca })
    call.on('response', (response) => {
      response.resume()
      resolve(String(response.statusCode))
    })
    call.on('error', (error) => resolve(error.message))
    call.end(body)
    return promise
  }
  const peakMiB = async (): Promise<number> => {
    child.send('peak')
    return (await told()).peakMiB
  }
  return { post, peakMiB, isAlive: () => child.exitCode === null && child.signalCode === null, child }
}

const good = JSON.stringify(goodReview())

test('50 bodies of 6.9 MB of empty objects at once, and 50 that look like reviews, do not end a webhook that runs as in the image', async (t) => {
  const { post, peakMiB, isAlive, child } = await startWebhook()
  t.after(() => child.kill())
  const idle = await peakMiB()
  const empties = '{},'.repeat(2_300_000)
  for (const [body, expected] of [
    [`[${empties}{}]`, '413'],
    [`${good.slice(0, -1)},"x":[${empties}{}]}`, '200'],
  ] as const) {
    const hostile = Buffer.from(body)
    const statuses = await Promise.all(Array.from({ length: AT_ONCE }, () => post(hostile)))
    assert.ok(isAlive())
    const peak = await peakMiB()
    t.diagnostic(`${idle.toFixed(0)} MiB idle, ${peak.toFixed(0)} MiB at most`)
    // Bodies that take too long are cut: 345 MB at once, on a machine that has other work.
    const cut = ['socket hang up', 'read ECONNRESET', 'write EPIPE', 'write ECONNRESET']
    const usual = new Set([expected, '503', ...cut])
    assert.deepEqual(
      [...new Set(statuses)].filter((status) => !usual.has(status)),
      [],
    )
    assert.ok(statuses.some((status) => !cut.includes(status)))
    assert.ok(peak - idle < GROWTH_MAX_MIB, `${idle} to ${peak} MiB`)
    assert.equal(await post(Buffer.from(good)), '200')
  }
})

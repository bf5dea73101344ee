import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readUnverified } from '../../../server/pkcs10/request.ts'
import { cpuTimeMs } from '../../kit/cpu-time.ts'
import { fillers } from './filler.ts'

/** Ten times what the slowest takes on a machine of 2026. */
const READ_MS = 20
/** The first ones compile. */
const TRIES = 5

test('no request of 64 KiB takes long to read, signature apart', () => {
  for (const [what, build] of Object.entries(fillers)) {
    const request = build()
    const times = Array.from({ length: TRIES }, () => {
      const started = cpuTimeMs()
      readUnverified(request)
      return cpuTimeMs() - started
    })
    const quickest = Math.min(...times)
    assert.ok(quickest < READ_MS, `${what}: ${quickest} ms`)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXIT } from '../exit-codes.ts'
import { problemOf } from './refusal.ts'

const SERVER = 'https://192.0.2.1:6443'
const refused = (status: number, message: string) =>
  problemOf({ ok: false, status, reason: '', message, retryAfterMs: null }, 'Nodes', SERVER)

test('what the user typed wrongly is exit code 2, in the words of the API server', () => {
  const message = "unable to parse requirement: found '=', expected: identifier"
  assert.deepEqual(refused(400, message), { message: `Nodes: ${message}`, exitCode: EXIT.usage })
})

test('any other refusal means that it could not be looked at', () => {
  for (const status of [0, 401, 403, 404, 429, 500, 503])
    assert.equal(refused(status, 'no').exitCode, EXIT.notSeen, String(status))
})

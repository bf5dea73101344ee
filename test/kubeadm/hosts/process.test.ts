import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attempt, run } from './process.ts'

test('a program that fails is told by its command and its words', async () => {
  await assert.rejects(run(['sh', '-c', 'echo no such thing >&2; exit 3']), {
    message: 'sh -c echo no such thing >&2; exit 3 ended with 3: no such thing',
  })
})

test('a program that hangs is ended, with the exit code that timeout(1) gives', async () => {
  assert.equal((await attempt(['sleep', '60'], { timeoutMs: 50 })).code, 124)
})

test('a program that does not exist has the exit code that a shell gives', async () => {
  const { code, stderr } = await attempt(['no-such-program'])
  assert.equal(code, 127)
  assert.match(stderr, /ENOENT/)
})

test('a program that does not read its input is judged by its exit code alone', async () => {
  assert.equal((await attempt(['true'], { input: 'x'.repeat(1024 * 1024) })).code, 0)
})

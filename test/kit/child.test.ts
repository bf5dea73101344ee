import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { attempt, run, startChild } from './child.ts'
import { temporaryDirectory } from './directory.ts'

async function sleeper(using: AsyncDisposableStack) {
  const { path } = using.use(await temporaryDirectory('child'))
  const command = { name: 'sleep', path: '/bin/sleep', args: ['60'], logFile: join(path, 'log') }
  return using.use(startChild(command))
}

test('kill sends SIGKILL, stop sends SIGTERM first', async () => {
  await using stack = new AsyncDisposableStack()
  const [killed, stopped] = [await sleeper(stack), await sleeper(stack)]
  await Promise.all([killed.kill(), stopped.stop()])
  assert.deepEqual([killed.ended(), stopped.ended()], ['SIGKILL', 'SIGTERM'])
})

test('a program that fails is reported with its command and its words', async () => {
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

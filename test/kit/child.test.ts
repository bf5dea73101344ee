import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChild } from './child.ts'
import { temporaryDirectory } from './directory.ts'

async function sleeper(using: AsyncDisposableStack) {
  const { path } = using.use(await temporaryDirectory('child'))
  const command = { name: 'sleep', path: '/bin/sleep', args: ['60'], logFile: join(path, 'log') }
  return using.use(startChild(command))
}

test('who is killed is not told before, who is stopped is', async () => {
  await using stack = new AsyncDisposableStack()
  const [killed, stopped] = [await sleeper(stack), await sleeper(stack)]
  await Promise.all([killed.kill(), stopped.stop()])
  assert.deepEqual([killed.ended(), stopped.ended()], ['SIGKILL', 'SIGTERM'])
})

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { freePort } from '../../kit/ports.ts'
import { restartsOf, startProbing } from './liveness.ts'

async function serve(status: number, remotePorts: Set<number | undefined>): Promise<string> {
  const server = createServer((request, response) => {
    remotePorts.add(request.socket.remotePort)
    response.writeHead(status).end()
  })
  after(() => server.close())
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${port}`
}

test('each probe is of a new connection, and only an answer of 200 is one', async (t) => {
  const good = new Set<number | undefined>()
  const bad = new Set<number | undefined>()
  const urls = [await serve(200, good), await serve(503, bad), `http://127.0.0.1:${await freePort()}`]
  t.mock.timers.enable({ apis: ['setInterval'] })
  const probing = startProbing(urls)
  t.mock.timers.tick(2_000)
  const { sent, failed, slowestMs } = await probing.stop()
  assert.deepEqual([sent, failed, good.size, bad.size], [6, 4, 2, 2])
  assert.ok(slowestMs > 0 && slowestMs < 1_000)
})

test('a kubelet restarts what failed three probes in a row, once', () => {
  const restarts = [
    [null, null, 1, null],
    [null, null, null, null, null],
    [1, null, null, null, 1, null, null, null],
  ]
  assert.deepEqual(restarts.map(restartsOf), [0, 1, 2])
})

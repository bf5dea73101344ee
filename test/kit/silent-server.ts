import { once } from 'node:events'
import { createServer } from 'node:net'

/** A server that accepts connections and says nothing. */
export async function listenSilently() {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `https://127.0.0.1:${port}/validate`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

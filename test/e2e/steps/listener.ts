/**
 * A process of its own on a host: answers at the port of kubelets with the certificate and key in one file; without a file,
 * with the TLS alert `internal_error`, as a kubelet that has no certificate yet. `node listener.ts [FILE]`
 */
import { readFile } from 'node:fs/promises'
import { createServer as createTcpServer } from 'node:net'
import { createServer } from 'node:tls'

const PORT = 10250
/** RFC 8446 §5.1, §6: alert record, TLS 1.0 on the wire, 2 bytes: fatal, internal_error. */
const INTERNAL_ERROR = Buffer.from([21, 3, 1, 0, 2, 2, 80])

if (import.meta.main) {
  const [, , file] = process.argv
  const pem = file === undefined ? undefined : await readFile(file)
  const server =
    pem === undefined
      ? createTcpServer((socket) => {
          socket.on('error', () => undefined)
          socket.once('data', () => socket.end(INTERNAL_ERROR))
        })
      : createServer({ cert: pem, key: pem }, (socket) => socket.end())
  server.on('tlsClientError', () => undefined) // whoever looks goes away again
  server.listen(PORT)
}

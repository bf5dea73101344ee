import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Pair } from '../../test/kit/pki.ts'

/** What a kubelet answers: with a certificate, with the alert `internal_error`, or by refusing connections. */
export type Answers = Pair | 'internalError' | 'refused'

/** A TLS record with the fatal alert 80, as Go's server sends it where GetCertificate fails. */
const INTERNAL_ERROR = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50])

/** The port of a kubelet, on an address of its own in 127.0.0.0/8. */
export class FakeKubelet {
  readonly address: string
  #server: Server | null = null
  #port = 0

  constructor(address: string) {
    this.address = address
  }

  get port(): number {
    return this.#port
  }

  async answer(as: Answers): Promise<void> {
    await this.stop()
    if (as === 'refused') return
    const server = serverFor(as)
    server.listen(this.#port, this.address)
    await once(server, 'listening')
    const address = server.address()
    if (address !== null && typeof address === 'object') this.#port = address.port
    this.#server = server
  }

  async stop(): Promise<void> {
    const closed = this.#server && once(this.#server, 'close')
    this.#server?.close()
    await closed
    this.#server = null
  }
}

function serverFor(as: Exclude<Answers, 'refused'>): Server {
  if (as !== 'internalError') {
    const server = createTlsServer({ cert: as.certPem, key: as.keyPem })
    // The other side hangs up as soon as it has seen the certificate.
    server.on('secureConnection', (socket) => socket.on('error', () => undefined).end())
    return server.on('tlsClientError', () => undefined)
  }
  return createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(INTERNAL_ERROR))
  })
}

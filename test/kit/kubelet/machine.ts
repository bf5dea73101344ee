import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Pair } from '../pki.ts'

/** What a kubelet answers: with a certificate, with the alert `internal_error`, or by refusing connections. */
export type Answers = Pair | 'internalError' | 'refused'

/** A TLS record with the fatal alert 80, as Go's server sends it where GetCertificate fails. */
const INTERNAL_ERROR = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50])

/** The port of a kubelet, on one address of 127.0.0.0/8. What it answers changes between two connections. */
export class Machine implements AsyncDisposable {
  readonly address: string
  readonly #server = createServer((socket) => {
    this.connections += 1
    this.#meet(socket)
  })
  #meet: (socket: Socket) => void = alert
  #port = 0
  /** How often it was connected to. */
  connections = 0

  constructor(address = '127.0.0.1') {
    this.address = address
  }

  /** The same from the first answer on. */
  get port(): number {
    return this.#port
  }

  async answer(as: Answers): Promise<void> {
    if (as === 'refused') return await this[Symbol.asyncDispose]()
    this.#meet = as === 'internalError' ? alert : certified(as)
    if (this.#server.listening) return
    this.#server.listen(this.#port, this.address)
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address !== null && typeof address === 'object') this.#port = address.port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }
}

function alert(socket: Socket): void {
  socket.on('error', () => undefined)
  socket.once('data', () => socket.end(INTERNAL_ERROR))
}

function certified({ certPem: cert, keyPem: key }: Pair): (socket: Socket) => void {
  const server = createTlsServer({ cert, key })
  // The other side hangs up as soon as it has seen the certificate.
  server.on('secureConnection', (socket) => socket.on('error', () => undefined).end())
  server.on('tlsClientError', () => undefined)
  return (socket) => {
    socket.on('error', () => undefined)
    server.emit('connection', socket)
  }
}

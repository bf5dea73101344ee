import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'

/** A kubelet's handshake has 2 KB, 4 KB with an RSA key; OpenSSL takes chains of up to 100 KB. */
const HANDSHAKE_MAX_BYTES = 64 * 1_024
/**
 * How often what came is counted. OpenSSL ends most that are no handshake at once, but skips hello requests without end. Counting
 * every read needs a stream in JavaScript between OpenSSL and the socket, which doubles the cost of a dial.
 */
const COUNT_EVERY_MS = 10
/** Alert 80: what Go answers when a server's `GetCertificate` fails, as that of a kubelet without a certificate does. */
const INTERNAL_ERROR = 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR'

export interface Place {
  /** An IP address as text. */
  readonly host: string
  readonly port: number
  /** With the CAs that `authorized` is about. */
  readonly secureContext: SecureContext
  readonly timeoutMs: number
}

/** What is made of each way in which a handshake ends. */
export interface Ends<T> {
  /** The session is up, and the peer has proved that it has the key of its certificate. Nobody's name was checked. */
  readonly secured: (session: TLSSocket) => T
  /** The TLS alert `internal_error`: a kubelet without a certificate. */
  readonly alerted: () => T
  /** TCP is connected, and no session comes about. Null: the peer hung up without a word. */
  readonly failed: (error: Error | null) => T
  /** There is no TCP connection. */
  readonly refused: (error: Error) => T
  readonly timedOut: () => T
}

/** Opens a TLS session and hangs up when the handshake has ended. Sends nothing else, and soon after 64 KiB reads no more. */
export async function dialTls<T>(place: Place, ends: Ends<T>): Promise<T> {
  const { host, port, timeoutMs } = place
  const { promise, resolve } = Promise.withResolvers<T>()
  const timer = setTimeout(() => resolve(ends.timedOut()), timeoutMs)
  const socket = connectTcp({ host, port, noDelay: true })
  const refused = (error: Error): void => resolve(ends.refused(error))
  socket.once('error', refused)
  let session: TLSSocket | undefined
  let counting: NodeJS.Timeout | undefined
  // Not before: a silent address is to cost a socket and no more.
  socket.once('connect', () => {
    socket.off('error', refused)
    session = secure(socket, place.secureContext, (ended) => resolve(ended(ends)))
    counting = setInterval(() => {
      if (socket.bytesRead > HANDSHAKE_MAX_BYTES) resolve(ends.failed(null))
    }, COUNT_EVERY_MS)
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    clearInterval(counting)
    session?.destroy()
    socket.destroy()
  }
}

type Ended = <T>(ends: Ends<T>) => T

function secure(socket: Socket, secureContext: SecureContext, end: (ended: Ended) => void): TLSSocket {
  const session = connectTls({
    socket,
    secureContext,
    // Whoever answers is looked at. Whether the certificate is the cluster's is read from `authorized`.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
  // Our last message is written right after this event: a kubelet that never gets it logs an error.
  session.once('secureConnect', () => setImmediate(end, ({ secured }) => secured(session)))
  session.on('error', (error) => end((ends) => (isAlert(error) ? ends.alerted() : ends.failed(error))))
  session.once('close', () => end(({ failed }) => failed(null)))
  return session
}

function isAlert(error: Error): boolean {
  return 'code' in error && error.code === INTERNAL_ERROR
}

import { createHash } from 'node:crypto'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import { formatAddress } from '../../policies/address.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { Address, ProbeResult } from '../../policies/types.ts'
import { BoundedStream } from './bounded-stream.ts'

/** What one dial saw. */
export type Sight = Exclude<ProbeResult, { saw: 'nothing' }> | { readonly saw: 'nothing' }

/** Dials an address once. Never rejects, and takes no longer than {@link DIAL_MS}. */
export type Dial = (address: Address) => Promise<Sight>

interface DialParts {
  /** The port of every kubelet. */
  readonly port: number
  /** With the CAs whose kubelet certificates count. */
  readonly context: () => Promise<SecureContext>
}

/** A kubelet on the network of the cluster answers within milliseconds. A lost SYN would be sent again after a second. */
export const DIAL_MS = 1_000
/** A kubelet's handshake has 2 KB, 4 KB with an RSA key; OpenSSL takes chains of up to 100 KB. */
const HANDSHAKE_MAX_BYTES = 64 * 1_024

const NOTHING: Sight = { saw: 'nothing' }
const OTHER: Sight = { saw: 'other' }
const NO_CERTIFICATE: Sight = { saw: 'noCertificate' }
/** Alert 80: what Go answers when a server's `GetCertificate` fails, as that of a kubelet without a certificate does. */
const INTERNAL_ERROR = 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR'

/** Dials the kubelet's port with TLS, and hangs up when the handshake has ended. Sends nothing else. */
export function createDial({ port, context }: DialParts): Dial {
  return async (address) => {
    const secureContext = await context()
    const { promise, resolve } = Promise.withResolvers<Sight>()
    const timer = setTimeout(() => resolve(NOTHING), DIAL_MS)
    const socket = connectTcp({ host: formatAddress(address), port, noDelay: true })
    const refused = (): void => resolve(NOTHING)
    socket.once('error', refused)
    let secure: TLSSocket | undefined
    // Not before: a silent address is to cost a socket and no more.
    socket.once('connect', () => {
      socket.off('error', refused)
      secure = handshake(socket, secureContext, resolve)
    })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      secure?.destroy()
      socket.destroy()
    }
  }
}

function handshake(socket: Socket, secureContext: SecureContext, end: (sight: Sight) => void): TLSSocket {
  const secure = connectTls({
    socket: new BoundedStream(socket, HANDSHAKE_MAX_BYTES),
    secureContext,
    // Whoever answers is looked at. Whether the certificate is the cluster's is read from `authorized`.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
  secure.once('secureConnect', () => end(certificateOf(secure)))
  secure.on('error', (error) => end(isInternalError(error) ? NO_CERTIFICATE : OTHER))
  secure.once('close', () => end(OTHER))
  return secure
}

function isInternalError(error: Error): boolean {
  return 'code' in error && error.code === INTERNAL_ERROR
}

/** The handshake proved that the peer has the key of the certificate. */
function certificateOf(secure: TLSSocket): Sight {
  try {
    const certificate = secure.getPeerX509Certificate()
    if (certificate === undefined) return OTHER
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
    const spkiSha256 = createHash('sha256').update(spki).digest('hex')
    const commonName = secure.authorized ? certificate.toLegacyObject().subject.CN : undefined
    // Of several common names it is an array: no kubelet's.
    const node = typeof commonName === 'string' ? (nodeName(commonName) ?? null) : null
    return { saw: 'certificate', spkiSha256, node }
  } catch {
    return OTHER // A key that OpenSSL cannot write down.
  }
}

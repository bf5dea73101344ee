import { createHash } from 'node:crypto'
import type { SecureContext, TLSSocket } from 'node:tls'
import { formatAddress } from '../../policies/address.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { Address, Sight } from '../../policies/types.ts'
import { dialTls } from './dial-tls.ts'

/** Dials an address once. Never rejects, and takes no longer than {@link DIAL_MS}. */
export type Dial = (address: Address) => Promise<Sight>

interface DialDependencies {
  /** The port of every kubelet. */
  readonly port: number
  /** With the CAs whose kubelet certificates count. */
  readonly context: () => Promise<SecureContext>
}

/** A kubelet on the network of the cluster answers within milliseconds. A lost SYN would be sent again after a second. */
export const DIAL_MS = 1_000
const NOTHING: Sight = { kind: 'nothing' }
const OTHER: Sight = { kind: 'other' }
const NO_CERTIFICATE: Sight = { kind: 'noCertificate' }
/** Dials the kubelet's port with TLS, and hangs up when the handshake has ended. Sends nothing else. */
export function createDial({ port, context }: DialDependencies): Dial {
  return async (address) => {
    const secureContext = await context()
    const place = { host: formatAddress(address), port, secureContext, timeoutMs: DIAL_MS }
    return await dialTls<Sight>(place, {
      secured: certificateOf,
      alerted: () => NO_CERTIFICATE,
      failed: () => OTHER,
      refused: () => NOTHING,
      timedOut: () => NOTHING,
    })
  }
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
    return { kind: 'certificate', spkiSha256, node }
  } catch {
    return OTHER // A key that OpenSSL cannot write down.
  }
}

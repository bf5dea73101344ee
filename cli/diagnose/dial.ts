import type { X509Certificate } from 'node:crypto'
import { BlockList, isIPv6 } from 'node:net'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { dialTls } from '../../server/probe/dial-tls.ts'

/** What a kubelet showed when its port was dialled. */
export type Dialled =
  | {
      readonly kind: 'certificate'
      readonly certificate: X509Certificate
      /** Whether a CA of the cluster signed it and its time is now. */
      readonly verified: boolean
    }
  /** The TLS alert `internal_error`, of a kubelet that has no certificate yet. */
  | { readonly kind: 'noCertificate' }
  /** Nothing that says anything about the kubelet: no answer, or no TLS. */
  | { readonly kind: 'nothing'; readonly because: string }

export interface Dial {
  /** An IP address. */
  readonly address: string
  readonly port: number
}

/** A kubelet in reach answers within milliseconds; across a continent within 0.3 s. */
const DIAL_MS = 1_000

/** A Node says itself where its kubelet is. These are places on the own machine or link, where no kubelet of another host is. */
const elsewhere = new BlockList()
elsewhere.addSubnet('0.0.0.0', 8)
elsewhere.addSubnet('127.0.0.0', 8)
elsewhere.addSubnet('169.254.0.0', 16)
elsewhere.addSubnet('224.0.0.0', 3)
elsewhere.addSubnet('::', 127, 'ipv6')
elsewhere.addSubnet('fe80::', 10, 'ipv6')
elsewhere.addSubnet('ff00::', 8, 'ipv6')

/**
 * Returns what opens a TLS session and closes it again: nothing is sent, and no name or address of the certificate is checked.
 * @param ca PEM certificates of the CAs of the cluster
 */
export function kubeletDialer(ca: string, timeoutMs = DIAL_MS): (kubelet: Dial) => Promise<Dialled> {
  // One for all dials: each would take 300 KiB. Without a CA, only what is signed by a public CA would be verified; a kubelet never is.
  const secureContext = createSecureContext({ ca: ca === '' ? [] : [ca] })
  return async (kubelet) => await dialKubelet(kubelet, secureContext, timeoutMs)
}

async function dialKubelet(
  { address, port }: Dial,
  secureContext: SecureContext,
  timeoutMs: number,
): Promise<Dialled> {
  if (elsewhere.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
    return { kind: 'nothing', because: 'its address belongs to no host' }
  return await dialTls<Dialled>(
    { host: address, port, secureContext, timeoutMs },
    {
      secured: seenOn,
      alerted: () => ({ kind: 'noCertificate' }),
      failed: (error) => nothing(error),
      refused: (error) => nothing(error),
      timedOut: () => ({ kind: 'nothing', because: `no answer in ${timeoutMs} ms` }),
    },
  )
}

function seenOn(session: TLSSocket): Dialled {
  const certificate = session.getPeerX509Certificate()
  if (certificate === undefined) return { kind: 'nothing', because: 'it showed no certificate' }
  return { kind: 'certificate', certificate, verified: session.authorized }
}

function nothing(error: (Error & { readonly code?: string }) | null): Dialled {
  const { code = '' } = error ?? {}
  if (error === null || code.startsWith('ERR_SSL_'))
    return { kind: 'nothing', because: 'it does not speak TLS as a kubelet does' }
  return { kind: 'nothing', because: code === '' ? error.message : code }
}

/**
 * At most this many handshakes at once: more would be seen as a scan, and take file descriptors. 1,000 kubelets that do not
 * answer within a second take 16 s.
 */
const AT_ONCE = 64

/** Applies `work` to each item, {@link AT_ONCE} at a time, and keeps the order. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next
      next += 1
      const item = items[index]
      if (item !== undefined) results[index] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { contains } from '../../policies/address.ts'
import type { Prefix } from '../../policies/types.ts'
import { callerAddress } from '../connection-limits.ts'

/** How an API server is told from anybody else. By default it is not: API servers call webhooks anonymously. */
export interface CallerRules {
  /** Whether a caller must have a client certificate that the CA in use verifies. */
  readonly certificate: boolean
  /** Where callers may be, if there are any. */
  readonly prefixes: readonly Prefix[]
}

/** Whether everybody whose review is answered is known to be an API server. */
export function provesCallers({ certificate, prefixes }: CallerRules): boolean {
  return certificate || prefixes.length > 0
}

/** Why this caller's reviews are not judged, or null. */
export function whyRefused(socket: Socket, { certificate, prefixes }: CallerRules): string | null {
  if (prefixes.length > 0 && !isInside(socket, prefixes))
    return 'reviews from this address are not judged. Check webhook.callers'
  if (certificate && !(socket instanceof TLSSocket && socket.authorized))
    return 'reviews without a client certificate of the CA in webhook.clientCAFile are not judged'
  return null
}

function isInside(socket: Socket, prefixes: readonly Prefix[]): boolean {
  const address = callerAddress(socket)
  return address !== undefined && prefixes.some((prefix) => contains(prefix, address))
}

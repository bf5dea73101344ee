/**
 * A process of its own, in the control plane's network: shakes hands with every endpoint of a {@link HandshakePlan} that
 * it reads, as an API server would, and prints as JSON what each serves.
 */
import { connect } from 'node:tls'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface HandshakePlan {
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  readonly servername: string
  /** Trusted, and nothing else. */
  readonly caPem: string
}

export interface Served {
  readonly fingerprint: string
  /** Why it was not verified; empty when it was. */
  readonly problem: string
}

const HANDSHAKE_MS = 5_000

async function shake(host: string, port: number, { servername, caPem }: HandshakePlan): Promise<Served> {
  const socket = connect({ host, port, servername, ca: caPem, rejectUnauthorized: false })
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(HANDSHAKE_MS) })
  const { fingerprint256: fingerprint } = socket.getPeerCertificate()
  const problem = socket.authorized ? '' : String(socket.authorizationError)
  socket.destroy()
  return { fingerprint, problem }
}

if (import.meta.main) {
  const plan: HandshakePlan = JSON.parse(await text(process.stdin))
  const served = await Promise.all(plan.endpoints.map(({ host, port }) => shake(host, port, plan)))
  process.stdout.write(`${JSON.stringify(served)}\n`)
}

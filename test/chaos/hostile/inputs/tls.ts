/** What TLS lets a stranger ask for before a byte of HTTP. */
import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytes, join } from '../../../kit/requests/der.ts'
import { clientHello, EARLY_RECORD } from '../attack/client-hello.ts'
import { held, openTcp, openTls, write } from '../attack/connection.ts'
import { flooding, type Pace } from '../attack/flood.ts'
import type { HostileInput } from '../input.ts'

const PACE: Pace = { lanes: 32, perSecond: 300 }
const WAIT_MS = 2_000

const opening = (
  name: string,
  does: string,
  attempt: (port: number, index: number, signal: AbortSignal) => Promise<string>,
  pace = PACE,
): HostileInput =>
  flooding(
    { name, against: 'webhook port', does, pace },
    ({ targets, signal }) =>
      (index) =>
        attempt(targets.webhookPort, index, signal),
  )

/** Bytes before any handshake is done. */
async function said(port: number, content: Uint8Array, ms = WAIT_MS): Promise<string> {
  const socket = await openTcp(port)
  await write(socket, content)
  return held(socket, ms)
}

/** The handshake again and again, on a connection that has had it. */
async function renegotiate(socket: TLSSocket, signal: AbortSignal): Promise<string> {
  for (let rounds = 0; !signal.aborted; rounds++) {
    const done = new Promise<string>((resolve) => {
      socket.once('close', () => resolve(`closed in round ${rounds}`))
      socket.renegotiate({}, (error) => resolve(error === null ? '' : `refused in round ${rounds}`))
    })
    const outcome = await Promise.race([done, sleep(WAIT_MS, `no answer in round ${rounds}`)])
    if (outcome !== '') return outcome
  }
  return 'never refused'
}

/** What follows a ClientHello with early data is thrown away by a server that does not take it, up to a limit. */
async function sendEarly(port: number): Promise<string> {
  const socket = await openTcp(port)
  const answered = held(socket, WAIT_MS)
  await write(socket, clientHello({ name: 'webhook', early: true }))
  for (let records = 0; records < 1_000; records++) if (!(await write(socket, EARLY_RECORD))) break
  return answered
}

export const tls: readonly HostileInput[] = [
  opening('tls-handshakes', '300 whole handshakes a second', async (port) => {
    const socket = await openTls(port)
    const outcome = `${socket.getProtocol()}`
    socket.destroy()
    return outcome
  }),
  opening(
    'tls-half-open',
    '1,000 handshakes that end after the ClientHello',
    (port) => said(port, clientHello({ name: 'webhook' }), 600_000),
    { lanes: 1_000, perSecond: 300 },
  ),
  opening(
    'tls-half-hello',
    '1,000 halves of a ClientHello',
    (port) => said(port, clientHello({ name: 'webhook' }).subarray(0, 100), 600_000),
    { lanes: 1_000, perSecond: 300 },
  ),
  opening('tls-noise', 'a handshake record of noise', (port) =>
    said(port, join([bytes(22, 3, 1, 2, 0), randomBytes(512)])),
  ),
  opening('tls-names', 'another server name of 250 characters each time', (port, index) =>
    said(port, clientHello({ name: `${index}.`.padEnd(250, 'a') }), 200),
  ),
  opening('tls-renegotiation', 'TLS 1.2, which is negotiated again and again', async (port, _index, signal) =>
    renegotiate(await openTls(port, { maxVersion: 'TLSv1.2' }), signal),
  ),
  opening('tls-early-data', 'TLS 1.3 with 16 MB of early data', sendEarly),
  opening('tls-old', 'TLS 1.0', async (port) => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' } as const
    const socket = await openTls(port, old)
    socket.destroy()
    return 'taken'
  }),
]

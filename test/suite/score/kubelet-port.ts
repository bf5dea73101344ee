/** The kubelet's port, on every address that this computer has. */
import { once } from 'node:events'
import { connect, createServer, isIP, type Socket } from 'node:net'
import type { Machines } from '../../kit/kubelet/machines.ts'
import { clusterFile } from '../suite.ts'

const KUBELET_PORT = 10_250
const REACH_MS = 1_000

/** All addresses where a kubelet of the suite answers. */
export const kubeletAddresses: readonly string[] = [
  ...new Set(
    clusterFile.nodes
      .flatMap(({ answersAt, reports }) => answersAt ?? reports.map(({ address }) => address))
      .filter((address) => isIP(address) > 0),
  ),
]

/** Whoever connects to an address of a machine reaches that machine; any other address hangs up. */
export async function openKubeletPort(machines: Machines): Promise<AsyncDisposable> {
  const server = createServer((caller) => lead(caller, machines.portOf(plain(caller.localAddress ?? ''))))
  server.listen(KUBELET_PORT)
  await once(server, 'listening')
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

function lead(caller: Socket, port: number | undefined): void {
  caller.on('error', () => undefined)
  if (port === undefined) return void caller.destroy()
  const machine = connect(port, '127.0.0.1')
  machine.on('error', () => caller.destroy())
  caller.on('close', () => machine.destroy())
  caller.pipe(machine).pipe(caller)
}

/** A listener of both families gives IPv4 addresses as IPv6 ones. */
function plain(address: string): string {
  return address.replace(/^::ffff:/u, '')
}

/** Whether each address is this computer's, and the port is ours. */
export async function doKubeletsAnswer(): Promise<boolean> {
  const reached = await Promise.all(kubeletAddresses.map(isReached))
  return reached.every(Boolean)
}

async function isReached(host: string): Promise<boolean> {
  const socket = connect({ host, port: KUBELET_PORT, timeout: REACH_MS })
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('timeout', () => resolve(false))
    })
  } finally {
    socket.destroy()
  }
}

/**
 * Preloaded into a program, or imported: its dials of the kubelets' port go to the listeners on loopback that the file LOOPBACK_DIALS
 * names by address. An address that is not in it is silent, as one without a machine.
 */
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'

const KUBELET_PORT = 10_250

interface Place {
  host?: string
  port?: number
}

type Connect = (this: Socket, ...args: unknown[]) => Socket

const prototype: { connect: Connect } = Object.getPrototypeOf(new Socket())
const { connect } = prototype

prototype.connect = function (...args) {
  const place = placeOf(args)
  if (place?.port !== KUBELET_PORT) return connect.call(this, ...args)
  const port = portOf(place.host ?? '')
  if (port === undefined) return this
  place.host = '127.0.0.1'
  place.port = port
  return connect.call(this, ...args)
}

/** The options: node:net passes its own calls a list with them in front. */
function placeOf([first]: readonly unknown[]): Place | null {
  const options: unknown = Array.isArray(first) ? first[0] : first
  return typeof options === 'object' && options !== null ? options : null
}

function portOf(host: string): number | undefined {
  const ports: Record<string, number> = JSON.parse(readFileSync(process.env['LOOPBACK_DIALS'] ?? '', 'utf8'))
  return ports[host]
}

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'

/** A DNS server on loopback over UDP. */
export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  /** IPv4 addresses by lower-case name without a final dot. A name that is not here does not exist. */
  readonly records: Map<string, readonly string[]>
  /** While it is silent, no query is answered. */
  silent: boolean
  queries: number
}

const TYPE_A = 1
const NXDOMAIN = 3
/** QR and AA, RFC 1035 §4.1.1. */
const ANSWER_FLAGS = 0x84
const HEADER_BYTES = 12

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const server: DnsServer = {
    address: `127.0.0.1:${socket.address().port}`,
    records: new Map(),
    silent: false,
    queries: 0,
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (query, { port }) => {
    server.queries += 1
    if (!server.silent) socket.send(answerTo(query, server.records), port, '127.0.0.1')
  })
  return server
}

function answerTo(query: Buffer, records: DnsServer['records']): Buffer {
  const { name, type, end } = questionOf(query)
  const found = records.get(name)
  const answers = type === TYPE_A ? (found ?? []).filter((address) => isIPv4(address)).map(recordOf) : []
  const head = Buffer.from(query.subarray(0, end))
  head[2] = ANSWER_FLAGS
  head[3] = found === undefined ? NXDOMAIN : 0
  head.writeUInt16BE(answers.length, 6)
  // No additional records: the query may have one of EDNS.
  head.writeUInt16BE(0, 10)
  return Buffer.concat([head, ...answers])
}

function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** A record that points to the name in the question: class IN, 60 s. */
function recordOf(address: string): Buffer {
  const octets = address.split('.').map(Number)
  return Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4, ...octets])
}

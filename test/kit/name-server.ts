/** A name server on loopback, over UDP and TCP: RFC 1035. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { formatAddress, parseAddress } from '../../policies/address.ts'

/** What it answers for a name: its addresses, `silent`, or that it cannot say. What it does not have does not exist. */
type Answer = readonly string[] | 'silent' | 'servfail'
export type Zone = Readonly<Record<string, Answer>>

const TYPES = { 1: 8, 28: 32 } as const
const NXDOMAIN = 3
const SERVFAIL = 2
/** RFC 1035 §4.2.1. */
const UDP_MAX = 512

export class NameServer implements AsyncDisposable {
  readonly #udp: Socket = createSocket('udp4')
  readonly #tcp: Server
  /** By name, without a final dot. */
  readonly records: Map<string, Answer>
  /** While it is silent, it answers nothing. */
  silent = false
  /** The names that were asked, with `udp` or `tcp`. */
  readonly asked: string[] = []

  constructor(zone: Zone = {}) {
    this.records = new Map(Object.entries(zone))
    this.#udp.on('message', (query, { address, port }) => {
      const answer = this.#answer(query, 'udp')
      if (answer !== null) this.#udp.send(answer, port, address)
    })
    this.#tcp = createServer((socket) => {
      socket.on('data', (query) => {
        const answer = this.#answer(query.subarray(2), 'tcp')
        if (answer !== null) socket.end(Buffer.concat([uint16(answer.length), answer]))
      })
      socket.on('error', () => undefined)
    })
  }

  /** Resolves to its address, with the port; default any that is free. */
  async start(wanted = 0): Promise<string> {
    this.#tcp.listen(wanted, '127.0.0.1')
    await once(this.#tcp, 'listening')
    const address = this.#tcp.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    this.#udp.bind(port, '127.0.0.1')
    await once(this.#udp, 'listening')
    return `127.0.0.1:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [once(this.#udp, 'close'), once(this.#tcp, 'close')]
    this.#udp.close()
    this.#tcp.close()
    await Promise.all(closed)
  }

  #answer(query: Buffer, over: 'udp' | 'tcp'): Buffer | null {
    const { name, type, end } = readQuestion(query)
    this.asked.push(`${over} ${name}`)
    const found = this.records.get(name.replace(/\.$/u, ''))
    if (this.silent || found === 'silent') return null
    const question = { id: query.readUInt16BE(0), bytes: query.subarray(12, end) }
    if (found === undefined) return reply(question, NXDOMAIN, [])
    if (found === 'servfail') return reply(question, SERVFAIL, [])
    const whole = reply(question, 0, recordsOf(found, type))
    const isTruncated = over === 'udp' && whole.length > UDP_MAX
    return isTruncated ? reply(question, 0, [], true) : whole
  }
}

function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  let [name, at] = ['', 12]
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    name += `${query.toString('latin1', at + 1, at + 1 + length)}.`
    at += 1 + length
  }
  return { name, type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** Those of the type, each with the question's name (RFC 1035 §4.1.4), kept for a minute. */
function recordsOf(texts: readonly string[], type: number): Buffer[] {
  const addresses = texts.map((text) => parseAddress(text) ?? '')
  const digits = type === 1 || type === 28 ? TYPES[type] : 0
  return addresses
    .filter((address) => address.length === digits)
    .map((address) => {
      const bytes = Buffer.from(address, 'hex')
      const fixed = [uint16(0xc00c), uint16(type), uint16(1), uint16(0), uint16(60), uint16(bytes.length)]
      return Buffer.concat([...fixed, bytes])
    })
}

interface Question {
  readonly id: number
  readonly bytes: Buffer
}

function reply({ id, bytes }: Question, code: number, records: readonly Buffer[], truncated = false): Buffer {
  const flags = 0x8180 | code | (truncated ? 0x0200 : 0)
  const counts = [uint16(1), uint16(records.length), uint16(0), uint16(0)]
  return Buffer.concat([uint16(id), uint16(flags), ...counts, bytes, ...records])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

/** `10.0.0.1`, `10.0.0.2` and so on. */
export function manyAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    formatAddress((0x0a000001 + index).toString(16).padStart(8, '0')),
  )
}

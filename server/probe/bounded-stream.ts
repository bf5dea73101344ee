import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A connection that is destroyed once the peer has sent more than so many bytes. TLS itself has no such limit. */
export class BoundedStream extends Duplex {
  readonly #socket: Socket
  #left: number

  constructor(socket: Socket, maxBytes: number) {
    super()
    this.#socket = socket
    this.#left = maxBytes
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #receive(chunk: Buffer): void {
    this.#left -= chunk.length
    if (this.#left < 0) this.destroy()
    else if (!this.push(chunk)) this.#socket.pause()
  }
}

import type { ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../../server/ports.ts'

interface Metadata {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
}
export type Stored = JsonObject & { readonly metadata: Metadata & JsonObject }

interface Event {
  readonly version: number
  readonly line: string
}

/** One resource of the fake: its objects, what happened to them, and who watches. */
export class Collection {
  readonly objects = new Map<string, Stored>()
  /** A watch from an earlier version is answered 410. */
  compactedAt = 0
  readonly #version: (step: 0 | 1) => number
  #events: Event[] = []
  #watchers = new Set<ServerResponse>()

  /** @param version the whole server's present resourceVersion, or the next */
  constructor(version: (step: 0 | 1) => number) {
    this.#version = version
  }

  /** Creates or replaces. `silently`: no watch gets the event, as if it were lost. */
  put(
    object: JsonObject & { readonly metadata: JsonObject & { readonly name: string } },
    silently = false,
  ): Stored {
    const known = this.objects.get(object.metadata.name)
    const version = this.#version(1)
    const stored: Stored = {
      ...object,
      metadata: {
        creationTimestamp: known?.metadata['creationTimestamp'] ?? new Date().toISOString(),
        uid: known?.metadata.uid ?? randomUUID(),
        ...object.metadata,
        resourceVersion: String(version),
      },
    }
    this.objects.set(object.metadata.name, stored)
    if (!silently) this.#tell(known === undefined ? 'ADDED' : 'MODIFIED', stored, version)
    return stored
  }

  remove(name: string, silently = false): void {
    const known = this.objects.get(name)
    if (known === undefined) return
    this.objects.delete(name)
    const version = this.#version(1)
    const gone = { ...known, metadata: { ...known.metadata, resourceVersion: String(version) } }
    if (!silently) this.#tell('DELETED', gone, version)
  }

  bookmark(): void {
    const resourceVersion = String(this.#version(1))
    this.say(JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } }))
  }

  /** Events that a backup did not have. */
  forgetAfter(version: number): void {
    this.#events = this.#events.filter((event) => event.version <= version)
  }

  /** Sends a line, of whatever kind, to all who watch. */
  say(line: string): void {
    for (const watcher of this.#watchers) watcher.write(`${line}\n`)
  }

  /** Ends all watches: cleanly, or as a broken connection does. */
  end(how: 'closed' | 'cut'): void {
    for (const watcher of this.#watchers) {
      if (how === 'closed') watcher.end()
      else watcher.destroy()
    }
    this.#watchers.clear()
  }

  get version(): number {
    return this.#version(0)
  }

  get watchers(): number {
    return this.#watchers.size
  }

  /** @param seconds after which the server ends it */
  watch(response: ServerResponse, from: number, seconds: number): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (from < this.compactedAt) {
      const object = {
        kind: 'Status',
        status: 'Failure',
        reason: 'Expired',
        code: 410,
        message: 'too old resource version',
      }
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
      return
    }
    for (const { version, line } of this.#events) if (version > from) response.write(`${line}\n`)
    this.#watchers.add(response)
    const ending = setTimeout(() => response.end(), seconds * 1_000)
    response.on('close', () => {
      clearTimeout(ending)
      this.#watchers.delete(response)
    })
  }

  #tell(type: string, object: Stored, version: number): void {
    const line = JSON.stringify({ type, object })
    this.#events.push({ version, line })
    this.say(line)
  }
}

/** The embedded API server without its sockets: a request is answered by a call. */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { ApiCall, JsonObject } from '../../../server/ports.ts'
import { Admission } from '../../embedded/admission.ts'
import type { Collection } from '../../embedded/collection.ts'
import { Collections } from '../../embedded/collections.ts'
import { handleRequest, type Served } from '../../embedded/handler.ts'
import { Pages } from '../../embedded/pages.ts'
import { Refusal } from '../../embedded/refusal.ts'
import { Registry } from '../../embedded/registry.ts'
import { NAMESPACE, type Resource, RESOURCES, WEBHOOKS } from '../../embedded/resources.ts'
import { send } from '../../embedded/send.ts'
import { serviceAccountUser, type User } from '../../embedded/users.ts'

export const PLACE = { namespace: 'gate', name: 'gate' }
const TOKEN = 'replica'
const TYPES: Readonly<Record<string, string>> = {
  metadata: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  listOfMetadata: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
}
/** Of no connection. */
const nowhere = new Socket()

export type Request = Pick<ApiCall, 'method' | 'path' | 'body' | 'contentType' | 'answerAs'>

/** Where the parts of an answer go, as they are written. */
export interface Receiver {
  readonly wrote: (chunk: Buffer) => void
  readonly ended: () => void
}

/** An answer that nobody reads from a socket. */
export class Answer extends ServerResponse {
  readonly #receiver: Receiver

  constructor(request: IncomingMessage, receiver: Receiver) {
    super(request)
    this.#receiver = receiver
  }

  override writeHead(status: number): this {
    this.statusCode = status
    return this
  }

  override flushHeaders(): void {}

  override write(chunk: string): boolean {
    this.#receiver.wrote(Buffer.from(chunk))
    return true
  }

  override end(last?: unknown): this {
    if (typeof last === 'string') this.write(last)
    this.#receiver.ended()
    this.emit('close')
    return this
  }

  override destroy(): this {
    this.#receiver.ended()
    this.emit('close')
    return this
  }
}

export class WorldServer implements Served {
  readonly url = 'https://world'
  readonly tokens: ReadonlyMap<string, User> = new Map([
    [TOKEN, serviceAccountUser(PLACE.namespace, PLACE.name, '5e7a1c1e-0000-4000-8000-000000000001')],
  ])
  readonly resources = RESOURCES
  readonly pages = new Pages()
  readonly registry: Registry
  readonly #collections = new Collections()

  constructor() {
    const admission = new Admission(() => this.collection(WEBHOOKS).objects.values())
    this.registry = new Registry({ collection: (resource) => this.collection(resource), admission })
    this.collection(NAMESPACE).put({ metadata: { name: PLACE.namespace } })
  }

  collection(resource: Resource): Collection {
    return this.#collections.of(resource)
  }

  compact(): void {
    this.#collections.compact()
  }

  /** Resolves once its status is known; the rest goes to the receiver. */
  async answer(request: Request, receiver: Receiver): Promise<Answer> {
    const incoming = new IncomingMessage(nowhere)
    incoming.method = request.method
    incoming.url = request.path
    incoming.headers = {
      authorization: `Bearer ${TOKEN}`,
      accept: TYPES[request.answerAs ?? ''] ?? 'application/json',
      'content-type': request.contentType ?? 'application/json',
    }
    const response = new Answer(incoming, receiver)
    // Not the sender's own object.
    const body: JsonObject | undefined = request.body && structuredClone(request.body)
    try {
      await handleRequest(this, { request: incoming, response, body })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      send(response, error.code, error.status)
    }
    return response
  }
}

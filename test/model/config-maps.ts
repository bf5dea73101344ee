/** The API server as far as the ledger needs it: ConfigMaps, which can be lost or cut off. */
import { FakeStore } from '../../server/facts/store.fixture.ts'
import { objectAt, textAt } from '../../server/json.ts'
import { DATA_KEY, type LedgerPlace, readShard, type Shard } from '../../server/ledger/shard.ts'
import type { Api, ApiAnswer, ApiCall } from '../../server/ports.ts'

export const place: LedgerPlace = { namespace: 'gate', name: 'ledger' }

export class ConfigMaps implements Api {
  readonly store = new FakeStore<Shard>({}, 'the ledger')
  readonly #texts = new Map<string, string>()
  /** Writes come late: the controller keeps what is new in memory. */
  areWritesHeld = false
  readonly #unseen = new Set<string>()
  #version = 0
  readonly #maxBytes: number

  constructor(maxBytes = 1_048_576) {
    this.#maxBytes = maxBytes
  }

  async call({ method, path, body = {} }: ApiCall): Promise<ApiAnswer> {
    const name = textAt(objectAt(body, 'metadata'), 'name') || path.slice(path.lastIndexOf('/') + 1)
    const text = textAt(objectAt(body, 'data'), DATA_KEY)
    if (!this.fits(text))
      return { ok: false, status: 422, reason: 'Invalid', message: '', retryAfterMs: null }
    if (method !== 'GET') this.#write(name, text)
    return { ok: true, status: 200, object: this.#object(name) }
  }

  fits(text: string): boolean {
    return text.length <= this.#maxBytes
  }

  /** The watch shows what was written, once the writer has its answer. */
  deliver(): void {
    for (const name of this.#unseen)
      this.store.set(`${place.namespace}/${name}`, readShard(this.#object(name)))
    this.#unseen.clear()
  }

  lose(): void {
    for (const name of this.#texts.keys()) this.store.set(`${place.namespace}/${name}`, undefined)
    this.#texts.clear()
  }

  /** While no controller runs: one that has read it repairs it at once. */
  cut(): void {
    for (const [name, text] of this.#texts) this.#write(name, text.slice(0, -10))
    this.deliver()
  }

  texts(): readonly string[] {
    return [...this.#texts.values()].toSorted()
  }

  get isEmpty(): boolean {
    return this.#texts.size === 0
  }

  #write(name: string, text: string): void {
    this.#texts.set(name, text)
    this.#version += 1
    this.#unseen.add(name)
  }

  #object(name: string) {
    const metadata = { name, namespace: place.namespace, resourceVersion: String(this.#version) }
    return { metadata, data: { [DATA_KEY]: this.#texts.get(name) ?? '' } }
  }
}

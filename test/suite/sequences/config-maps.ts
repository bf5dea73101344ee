/** The API server as far as the ledger needs it: ConfigMaps, which an operator may damage. */
import { FakeStore } from '../../../server/facts/store.fixture.ts'
import { objectAt, textAt } from '../../../server/json.ts'
import { DATA_KEY, type LedgerPlace, readShard, type Shard } from '../../../server/ledger/shard.ts'
import type { Damage } from './schema.ts'
import type { Api, ApiAnswer, ApiCall } from '../../../server/ports.ts'

export const place: LedgerPlace = { namespace: 'gate', name: 'ledger' }

export class ConfigMaps implements Api {
  readonly store = new FakeStore<Shard>({}, 'the ledger')
  readonly #texts = new Map<string, string>()
  #version = 0

  async call({ method, path, body = {} }: ApiCall): Promise<ApiAnswer> {
    const name = textAt(objectAt(body, 'metadata'), 'name') || path.slice(path.lastIndexOf('/') + 1)
    if (method !== 'GET') this.#write(name, textAt(objectAt(body, 'data'), DATA_KEY))
    return { ok: true, status: 200, object: this.#object(name) }
  }

  /** All of them. */
  damage(how: Damage): void {
    for (const [name, text] of this.#texts) {
      if (how === 'deleted') this.store.set(`${place.namespace}/${name}`, undefined)
      else if (how === 'garbled') this.#write(name, `?${text}`)
      else if (how === 'truncated') this.#write(name, text.slice(0, -10))
      else this.#write(name, text.replace('"version":1', '"version":9'))
    }
    if (how === 'deleted') this.#texts.clear()
  }

  /** An operator's annotation. */
  release(text: string): void {
    const [name = ''] = this.#texts.keys()
    this.#write(name, this.#texts.get(name) ?? '', text)
  }

  #write(name: string, text: string, release = ''): void {
    this.#texts.set(name, text)
    this.#version += 1
    const shard = readShard(this.#object(name))
    this.store.set(`${place.namespace}/${name}`, { ...shard, release })
  }

  #object(name: string) {
    const metadata = { name, namespace: place.namespace, resourceVersion: String(this.#version) }
    return { metadata, data: { [DATA_KEY]: this.#texts.get(name) ?? '' } }
  }
}

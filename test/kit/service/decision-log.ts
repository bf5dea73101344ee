import type { FileHandle } from 'node:fs/promises'
import type { JsonObject } from '../../../server/ports.ts'
import { isObject } from '../client.ts'
import { until } from '../until.ts'

/** A decision, as a line of the log reports it. */
export interface Decided {
  readonly component: 'webhook' | 'controller'
  readonly csr: string
  readonly verdict: string
  readonly reason: string
  readonly message: string
  readonly durationMs: number
}

const DECISION_MS = 20_000

/** Follows the log of one service and keeps what each component decides about each CSR, in order. */
export class DecisionLog {
  readonly #file: FileHandle
  readonly #decisions = new Map<string, Decided[]>()
  #pending = ''
  #reading: Promise<void> = Promise.resolve()
  #closed = false

  constructor(file: FileHandle) {
    this.#file = file
  }

  /**
   * Waits for the first decision; of the controller, for the first that is known: an unknown one is only put off.
   * `reason`: for the first with that reason.
   */
  async decisionOn(csr: string, component: Decided['component'], reason?: string): Promise<Decided> {
    const isMeant = (one: Decided) =>
      reason === undefined ? component === 'webhook' || one.verdict !== 'unknown' : one.reason === reason
    const look = async () => {
      this.#reading = this.#reading.then(() => this.#read())
      await this.#reading
      return this.#decisions.get(`${component} ${csr}`)?.find(isMeant)
    }
    return await until(look, `the ${component} decides on ${csr}`, DECISION_MS)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#reading
    await this.#file.close()
  }

  async #read(): Promise<void> {
    const chunk = Buffer.alloc(256 * 1024)
    for (;;) {
      const { bytesRead } = await this.#file.read(chunk, 0, chunk.length, null)
      if (bytesRead === 0) return
      const lines = (this.#pending + chunk.toString('utf8', 0, bytesRead)).split('\n')
      this.#pending = lines.pop() ?? ''
      for (const line of lines) this.#keep(line)
    }
  }

  #keep(line: string): void {
    const decided = decisionIn(line)
    if (decided === undefined) return
    const key = `${decided.component} ${decided.csr}`
    this.#decisions.set(key, [...(this.#decisions.get(key) ?? []), decided])
  }
}

function decisionIn(line: string): Decided | undefined {
  if (!line.includes('"decided"')) return undefined
  const fields: unknown = JSON.parse(line)
  if (!isObject(fields) || fields['msg'] !== 'decided') return undefined
  const text = (name: string) => textField(fields, name)
  const { component, durationMs } = fields
  if (component !== 'webhook' && component !== 'controller') return undefined
  return {
    component,
    csr: text('csr'),
    verdict: text('verdict'),
    reason: text('reason'),
    message: text('message'),
    durationMs: typeof durationMs === 'number' ? durationMs : Number.NaN,
  }
}

function textField(fields: JsonObject, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

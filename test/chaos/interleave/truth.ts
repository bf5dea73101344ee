/** What really was, and which writes were wrong. */
import { objectAt, textAt } from '../../../server/json.ts'
import { NODES_MAX_AGE_MS } from '../../../server/facts/freshness.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { isObject } from '../../kit/client.ts'
import type { Sent } from './connection.ts'
import { LAG_MS } from './network.ts'

interface Csr {
  readonly name: string
  readonly node: string
  readonly values: readonly string[]
  /** Whose address a liar asks for; null where nobody lies. */
  readonly victim: string | null
  /** `open`: whether it is approved is nobody's promise. */
  expected: 'approved' | 'refused' | 'open'

  decisions: number
  isApproved: boolean
  isGone: boolean
}

interface Report {
  readonly at: number
  readonly values: readonly string[]
}

export class Truth {
  readonly wrong: string[] = []
  readonly #csrs = new Map<string, Csr>()
  /** Those that have a certificate for what they report. */
  readonly #served = new Set<string>()
  readonly #contested = new Set<string>()
  readonly #reports = new Map<string, Report[]>()

  asks(uid: string, csr: Pick<Csr, 'name' | 'node' | 'values' | 'victim'>): void {
    const honest = this.#contested.has(csr.node) ? 'open' : 'approved'
    const expected = csr.victim === null ? honest : 'refused'
    this.#csrs.set(uid, { ...csr, expected, decisions: 0, isApproved: false, isGone: false })
  }

  /** Another Node claims its address: without a certificate from before, nobody knows whose it is. */
  contest(node: string): void {
    if (this.#served.has(node)) return
    this.#contested.add(node)
    this.release(node)
  }

  /** What a Node reports from now on; nothing once it is gone. */
  reports(node: string, at: number, values: readonly string[]): void {
    this.#reports.set(node, [...(this.#reports.get(node) ?? []), { at, values }])
  }

  /** Nobody promises anything any more about what a node asked for so far. */
  release(node: string): void {
    for (const csr of this.#csrs.values())
      if (csr.node === node && csr.expected === 'approved') csr.expected = 'open'
  }

  /** The node gives its address up. If it never had a certificate, nothing shows that the address was its own. */
  abandon(node: string): void {
    this.release(node)
    for (const csr of this.#csrs.values())
      if (csr.victim === node && !this.#served.has(node)) csr.expected = 'open'
    this.#served.delete(node)
    this.#contested.delete(node)
  }

  removed(uid: string): void {
    const csr = this.#csrs.get(uid)
    if (csr !== undefined) csr.isGone = true
  }

  /** A write that the API server has stored; of a decision, the CSR as it is stored now. */
  wrote(sent: Sent, stored: JsonObject | undefined): void {
    const what = `${sent.method} ${sent.path}`
    if (sent.holder !== null && sent.holder !== sent.owner.name)
      this.wrong.push(
        `${what} was sent by ${sent.owner.name} while the Lease was of ${sent.holder || 'nobody'}`,
      )
    if (stored === undefined) return
    const csr = this.#csrs.get(textAt(objectAt(stored, 'metadata'), 'uid'))
    if (csr !== undefined) this.#decided(sent, csr, stored)
  }

  #decided({ askedAt, owner }: Sent, csr: Csr, stored: JsonObject): void {
    const last = conditionsOf(stored).at(-1) ?? {}
    const type = textAt(last, 'type')
    csr.decisions += 1
    csr.isApproved ||= type === 'Approved'
    if (csr.decisions > 1) this.wrong.push(`${csr.name} was decided twice`)
    if (type === 'Denied' && csr.expected === 'approved')
      this.wrong.push(`${csr.name} was denied by ${owner.name} at ${askedAt} ms: ${textAt(last, 'message')}`)
    if (type !== 'Approved') return
    if (csr.expected === 'approved') this.#served.add(csr.node)
    if (csr.expected === 'refused') this.wrong.push(`${csr.name} was approved`)
    if (!this.#wasReported(csr, askedAt))
      this.wrong.push(`${csr.name} was approved for what its Node did not report a moment ago`)
  }

  #wasReported({ node, values }: Csr, at: number): boolean {
    const since = at - NODES_MAX_AGE_MS - LAG_MS
    const reports = this.#reports.get(node) ?? []
    return reports.some((report, index) => {
      const endedAt = reports[index + 1]?.at ?? Infinity
      const counts = report.at <= at && endedAt >= since
      return counts && values.every((value) => report.values.includes(value))
    })
  }

  /** The names of CSRs that have yet to be approved. */
  waiting(): readonly string[] {
    return [...this.#csrs.values()]
      .filter(({ expected, isApproved, isGone }) => expected === 'approved' && !isApproved && !isGone)
      .map(({ name }) => name)
  }
}

function conditionsOf(csr: JsonObject): readonly JsonObject[] {
  const { conditions } = objectAt(csr, 'status')
  return Array.isArray(conditions) ? conditions.filter(isObject) : []
}

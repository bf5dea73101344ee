import { oneLine, shown } from '../../policies/text.ts'
import type { Output } from '../context.ts'
import { type Standing, isServing } from '../diagnose/diagnose.ts'

const stages = ['registered', 'asked', 'approved', 'issued', 'serving'] as const
/** How far a node is. A node that asks again begins again. */
export type Stage = (typeof stages)[number]

/** Tells each step of each node once, with the seconds since its registration. */
export class News {
  readonly #output: Pick<Output, 'write'> | null
  readonly #now: () => number
  readonly #told = new Map<string, string>()
  readonly #decisions = new Map<string, string>()

  /** @param output null: tell nothing; the last decisions are kept all the same */
  constructor(output: Pick<Output, 'write'> | null, now: () => number) {
    this.#output = output
    this.#now = now
  }

  async tell(standings: readonly Standing[]): Promise<void> {
    for (const standing of standings) {
      const { node, csr } = standing
      const stage = stageOf(standing)
      const step = `${stage} ${stage === 'registered' || csr === null ? '' : shown(csr.name)}`
      if (this.#told.get(node.name) === step) continue
      this.#told.set(node.name, step)
      await this.#write(node.name, node.createdAt, step)
    }
  }

  /** The controller did not approve a CSR. */
  async decided(node: string, csr: string, message: string): Promise<void> {
    this.#decisions.set(node, `${shown(csr)} is not approved: ${message}`)
    await this.#output?.write(`${' '.repeat(9)}  ${shown(node)}  ${shown(csr)} is not approved: ${message}\n`)
  }

  /** A CSR was approved without a look, by the will of whoever called. */
  async approvedUnproven(node: string, csr: string, message: string): Promise<void> {
    await this.#output?.write(
      `${' '.repeat(9)}  ${shown(node)}  ${shown(csr)} is approved without proof: ${message}\n`,
    )
  }

  /** The last decision on a CSR of the node that was no approval. */
  decisionOn(node: string): string | undefined {
    return this.#decisions.get(node)
  }

  async #write(node: string, registeredAt: number, step: string): Promise<void> {
    const seconds = Math.max(0, (this.#now() - registeredAt) / 1_000).toFixed(1)
    await this.#output?.write(
      `${`+${seconds} s`.padStart(9)}  ${shown(node)}  ${oneLine(step.trim(), 300)}\n`,
    )
  }
}

/** The furthest stage that a node has reached with its newest CSR. */
export function stageOf(standing: Standing): Stage {
  if (isServing(standing)) return 'serving'
  switch (standing.csr?.state) {
    case 'issued':
      return 'issued'
    case 'approved':
      return 'approved'
    case 'pending':
    case 'denied':
    case 'failed':
      return 'asked'
    case undefined:
      return 'registered'
  }
}

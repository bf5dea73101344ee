import type { Pair } from '../../kit/pki.ts'

/** The attacker's first line, once it begins. */
export const ATTACKING = 'attacking'

/** A node that the attacker holds: its kubelet's credentials. Its Node exists and reports its name and this address. */
export interface HostileNode extends Pair {
  readonly name: string
  readonly address: string
}

/** What the attacker knows and holds. Plain JSON: it is handed to a process of its own. */
export interface Targets {
  readonly webhookPort: number
  /** Where /livez, /readyz and /metrics are. */
  readonly probePorts: readonly number[]
  readonly apiServer: { readonly url: string; readonly caPem: string }
  readonly nodes: readonly HostileNode[]
  /** Addresses of other nodes, which ask for nothing meanwhile. */
  readonly others: readonly string[]
  readonly bootstrapToken: string
  /** Someone who may create and delete CSRs and Nodes. */
  readonly operator: Pair
}

export interface Attack {
  /** Aborted when the time is over. What is still open then ends with the attacker's process. */
  readonly signal: AbortSignal
  readonly targets: Targets
  /** Counts what came of one attempt: a status, an error's code, an event. */
  readonly note: (outcome: string) => void
}

export interface HostileInput {
  /** Unique. */
  readonly name: string
  readonly against: 'webhook port' | 'probe port' | 'api server'
  /** For people. */
  readonly does: string
  /** No webhook is registered meanwhile, so that what is asked for is stored and reaches the controller. */
  readonly unregistered?: true
  run(attack: Attack): Promise<void>
}

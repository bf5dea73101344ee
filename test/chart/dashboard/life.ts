/** What goes on in a cluster meanwhile: honest kubelets renew, and a compromised node tries what it can. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { createCsr } from '../../kit/kubelet/csr.ts'
import type { Kubelet } from '../../kit/kubelet/kubelet.ts'
import { hostile } from '../../scenarios/hostile.ts'
import type { Hostile } from '../../scenarios/scenario.ts'
import type { Setup } from '../../scenarios/cluster.ts'

/** What is tried, and how often in a round: each reason has a height of its own. */
const TRIED: Readonly<Record<string, number>> = {
  'a client certificate beside': 6,
  'a person who may create CSRs asks as a node': 3,
  'the organization system:masters': 2,
  'the API server’s Service': 1,
}

const RENEW_EVERY_MS = 400
const ATTACK_EVERY_MS = 350
/** A kubelet that cannot reach its API server tries again. */
const AGAIN_MS = 1_000
/** Longer than all outages together. */
const RENEWED_WITHIN_MS = 90_000

export interface Life {
  /** Begins nothing new; rejects when an honest kubelet is left without a certificate. */
  end(): Promise<void>
}

export async function beginLife({ cluster, honest }: Setup): Promise<Life> {
  const kubelets = honest.map(({ kubelet }) => kubelet)
  await Promise.all(kubelets.map((kubelet) => kubelet.report()))
  const stop = new AbortController()
  const attempts = shuffled(hostile.flatMap((one) => Array<Hostile>(TRIED[one.title] ?? 0).fill(one)))
  const renewals: Promise<unknown>[] = []
  const renewing = new Set<Kubelet>()
  const renewOnce = (kubelet: Kubelet): void => {
    // A kubelet has one CSR waiting.
    if (renewing.has(kubelet)) return
    renewing.add(kubelet)
    renewals.push(renew(kubelet).finally(() => renewing.delete(kubelet)))
  }
  const living = Promise.all([
    inTurn(kubelets, RENEW_EVERY_MS, stop.signal, renewOnce),
    inTurn(attempts, ATTACK_EVERY_MS, stop.signal, (attempt) => void attack(cluster, attempt)),
  ])
  return {
    async end() {
      stop.abort()
      await living
      const failures = (await Promise.all(renewals)).filter((failure) => failure !== undefined)
      if (failures.length > 0) throw new AggregateError(failures, 'honest kubelets got no certificate')
    },
  }
}

/** Always the same way: every seventh, as often as it takes. */
function shuffled<T>(all: readonly T[]): readonly T[] {
  return all.map((_, at) => all[(at * 7) % all.length]).filter((one) => one !== undefined)
}

async function inTurn<T>(
  those: readonly T[],
  everyMs: number,
  stop: AbortSignal,
  act: (one: T) => void,
): Promise<void> {
  for (let turn = 0; !stop.aborted; turn++) {
    const one = those[turn % those.length]
    if (one !== undefined) act(one)
    await sleep(everyMs)
  }
}

/** Why it got no certificate; undefined once it has one. */
async function renew(kubelet: Kubelet): Promise<unknown> {
  const signal = AbortSignal.timeout(RENEWED_WITHIN_MS)
  for (;;) {
    try {
      await kubelet.obtain(signal)
      return undefined
    } catch (error) {
      if (signal.aborted) return error
      await sleep(AGAIN_MS)
    }
  }
}

async function attack(cluster: ControlPlane, { by, csr }: Hostile): Promise<void> {
  using client = cluster.impersonate({ user: by.user, groups: [...by.groups, 'system:authenticated'] })
  // Whether the API server answers, an attacker can do nothing about.
  await createCsr(client, csr()).catch(() => undefined)
}

import { BOOTSTRAPPERS_GROUP, judgeBootstrap } from '../../policies/bootstrap.ts'
import type { Decision, Identity, Known } from '../../policies/types.ts'
import type { CsrReading } from '../ports.ts'
import type { ClusterGatherer } from './gather.ts'
import type { Readings } from './readings.ts'
import { MAX_AGE_MS } from './sources.ts'

const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'

/** Whether a bootstrap identity asks for the client certificate of a node. A node that renews its own is none. */
export function isBootstrap({ csr }: CsrReading, caller: Identity): boolean {
  return csr.signerName === SIGNER && caller.groups.includes(BOOTSTRAPPERS_GROUP)
}

export type BootstrapJudge = (reading: CsrReading, caller: Identity, policyHash: string) => Decision

interface BootstrapParts {
  readonly gatherer: Pick<ClusterGatherer, 'node'>
  readonly readings: Pick<Readings, 'read'>
}

export function createBootstrapJudge({ gatherer, readings }: BootstrapParts): BootstrapJudge {
  const exists = (name: string): Known<boolean> => {
    const node = gatherer.node(name, MAX_AGE_MS)
    return node.known ? { known: true, value: node.value !== null } : node
  }
  return ({ request }, caller, policyHash) =>
    judgeBootstrap({ caller, request: readings.read(request), exists }, policyHash)
}

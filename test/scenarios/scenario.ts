import type { CheckCode } from '../../policies/codes.ts'
import type { FaultCode } from '../../server/der/faults.ts'
import type { NodeAddress } from '../kit/kubelet/addresses.ts'
import type { CsrBody } from '../kit/kubelet/csr.ts'
import type { KubeletOptions } from '../kit/kubelet/kubelet.ts'
import type { JsonObject } from '../../server/ports.ts'

/** An honest node that must get its certificate. */
export interface Honest extends KubeletOptions {
  readonly title: string
  /** What its kubelet says of itself at registration, beyond name and addresses. */
  readonly spec?: JsonObject
  /** Has the role label, which only an administrator can give. */
  readonly controlPlane?: boolean
  /** Its addresses appear on the Node only so long after it first asked. */
  readonly lateMs?: number
}

/** A Node of the attacker's: `reports` may be a lie. */
export interface HostileNode {
  readonly name: string
  readonly reports: readonly NodeAddress[]
  /** Of its machine, which answers there as a kubelet without a certificate. */
  readonly has: readonly NodeAddress[]
  readonly spec?: JsonObject
}

/** Who asks. What a requester may do beyond its groups' rights is in {@link mayCreate}. */
export interface Requester {
  readonly user: string
  readonly groups: readonly string[]
  /** Is given the right to create CSRs, which nodes and bootstrap tokens have by themselves. */
  readonly mayCreate?: boolean
}

/** A request that must not be approved by either component, each for the same reason. */
export interface Hostile {
  readonly title: string
  readonly by: Requester
  readonly csr: () => CsrBody
  readonly verdict: 'deny' | 'notYet'
  readonly reason: CheckCode
  /** With CsrUnreadable: what exactly cannot be read. */
  readonly fault?: FaultCode
  /** Whether a kubelet must be dialled for it: the webhook, which dials nobody, lets it pass with a warning. */
  readonly dialled?: boolean
}

export const node = (name: string): Requester => ({ user: `system:node:${name}`, groups: ['system:nodes'] })

/**
 * A day in the life of a release that a GitOps controller installed: what pods, cert-manager, nodes and people write to the
 * cluster meanwhile. After each step, nothing may have drifted.
 */
import type { JsonObject } from '../../server/ports.ts'
import { otherVersion } from '../chart/other-version.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import type { GitopsController } from './controller.ts'
import { desired, type Rendering } from './desired.ts'
import { certifyNode } from './nodes.ts'
import type { Rotation } from './rotations.ts'
import { LEASE, RunningPods } from './running-pods.ts'

export interface Place {
  readonly cluster: ControlPlane
  readonly gitops: GitopsController
  readonly values: Readonly<Record<string, unknown>>
  /** Null if the webhook's certificate is nobody's to rotate here. */
  readonly rotation: Rotation | null
}

/** What was done, what conflicted, and what had drifted afterwards: a line each. */
export interface Done {
  readonly step: string
  readonly problems: readonly string[]
  readonly seconds: number
}

/** Set by the upgrade, and taken back. */
const UPGRADED = {
  podAnnotations: { mark: 'upgraded' },
  commonLabels: { team: 'platform' },
  drainSeconds: 5,
  policy: { proof: 'off', patienceSeconds: 60 },
}

/**
 * The day. It ends with the pods; the release stays. Whoever calls its parts decides how long it is: `npm run test:kubernetes` has no time to
 * let pods poll.
 */
export class Day implements AsyncDisposable {
  readonly done: Done[] = []
  readonly #place: Place
  readonly #tell: (done: Done) => void
  readonly #pods: RunningPods
  #objects: readonly JsonObject[] = []

  /** `tell` hears of each step when it is done. */
  constructor(place: Place, tell: (done: Done) => void) {
    this.#place = place
    this.#tell = tell
    this.#pods = new RunningPods(place.cluster)
  }

  async begin(): Promise<void> {
    const { values } = this.#place
    await this.#step('synced, the pods are ready and one leads', async () => {
      const faults = await this.#sync({ values })
      await this.#pods.roll(this.#objects)
      return faults
    })
    await this.certifyNode()
  }

  /** Resolves when the pods or cert-manager have done it. */
  async renewCertificate(): Promise<void> {
    const { rotation } = this.#place
    if (rotation !== null) await this.#step('the certificate of the webhook is renewed', rotation.renew)
  }

  /** The CA is replaced while the day goes on: the returned function waits for the end of it. */
  async beginReplacingAuthority(): Promise<() => Promise<void>> {
    const { rotation } = this.#place
    if (rotation === null) return async () => undefined
    const replaced = rotation.replaceAuthority()
    replaced.catch(() => undefined)
    return () => this.#step('the CA of the webhook is replaced', () => replaced)
  }

  async loseSecret(): Promise<void> {
    const { loseSecret } = this.#place.rotation ?? {}
    if (loseSecret === undefined) return
    await this.#step('the Secret is deleted, made again by the pods, and synced', async () => {
      await loseSecret()
      return await this.#place.gitops.sync(this.#objects)
    })
  }

  async changeLeader(): Promise<void> {
    await this.#step('another pod leads', () => this.#pods.changeLeader())
  }

  async loseLease(): Promise<void> {
    await this.#step('the Lease is deleted, and made again by the pods', async () => {
      await this.#place.cluster.adminRequest('DELETE', LEASE)
      await this.#pods.untilOneLeads()
    })
  }

  async certifyNode(): Promise<void> {
    await this.#step('a node is certified, and the ledger is written', async () => {
      await certifyNode(this.#place.cluster)
    })
  }

  /** To another version with other values, and back. */
  async upgradeAndReturn({ withPods }: { readonly withPods: boolean }): Promise<void> {
    const { cluster, values } = this.#place
    const chart = await otherVersion(cluster.directory, '9.9.9+0123456789ab')
    const to = async (rendering: Pick<Rendering, 'values' | 'chart'>): Promise<readonly string[]> => {
      const faults = await this.#sync(rendering)
      if (withPods) await this.#pods.roll(this.#objects)
      return faults
    }
    await this.#step('upgraded to another version with other values', () =>
      to({ values: { ...values, ...UPGRADED }, chart }),
    )
    await this.certifyNode()
    await this.#step('back to the first version and values', () => to({ values }))
  }

  async #sync(rendering: Pick<Rendering, 'values' | 'chart'>): Promise<readonly string[]> {
    const { cluster, gitops } = this.#place
    this.#objects = await desired({ ...rendering, minor: cluster.minor })
    return await gitops.sync(this.#objects)
  }

  async #step(step: string, work: () => Promise<readonly string[] | void>): Promise<void> {
    const began = performance.now()
    const faults = (await work()) ?? []
    const problems = [...faults, ...(await this.#place.gitops.drift(this.#objects))]
    const done = { step, problems, seconds: (performance.now() - began) / 1000 }
    this.done.push(done)
    this.#tell(done)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pods[Symbol.asyncDispose]()
  }
}

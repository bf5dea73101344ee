import type { FakeCluster } from './cluster.fixture.ts'
import { podObject } from './cluster-objects.fixture.ts'

/** A cluster in good order with one thing broken, and what doctor says of it first. */
export interface Broken {
  readonly title: string
  readonly by: (cluster: FakeCluster) => void | Promise<void>
  /** Severity, id, subject and evidence of the first finding. */
  readonly first: string | RegExp
}

export const apiServer = (cluster: FakeCluster, flags: readonly string[]): void =>
  cluster.put('pods', podObject('kube-apiserver', flags))
export const controllerManager = (cluster: FakeCluster, flags: readonly string[]): void =>
  cluster.put('pods', podObject('kube-controller-manager', flags))

import type { Json } from '../../server/ports.ts'
import type { Answer, Client } from './client.ts'
import type { Holder, Pair } from './pki.ts'
import type { ServiceAccount } from './service/service-account.ts'

export interface Person {
  readonly user: string
  readonly groups?: readonly string[]
}

/** A cluster that tests run on: a real control plane, or the embedded API server with its signer. */
export interface Cluster extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`, the same after a restart. */
  readonly url: string
  /** Of Kubernetes, as its API server says: `1.36`. */
  readonly minor: string
  readonly caPem: string
  /** Where logs, keys and kubeconfigs are; removed by stop(). */
  readonly directory: string
  readonly adminKubeconfig: string
  /** An admin's client. */
  readonly admin: Client
  adminRequest(method: string, path: string, body?: Json): Promise<Answer>
  /** A server's or a client's certificate by the cluster's CA, which also signs kubelets. */
  issue(holder: Holder): Promise<Pair>
  clientFor(person: Person): Promise<Client>
  /** As clientFor without a key of its own: the admin's connections, impersonating. */
  impersonate(person: Person): Client
  /** The path of a kubeconfig with a client certificate. */
  kubeconfigFor(person: Person): Promise<string>
  /** The path of a kubeconfig with a service account's token, after its roles were created. `server`: another URL than its own. */
  createServiceAccountKubeconfig(account: ServiceAccount, server?: string): Promise<string>
  /** Lets users create CSRs who may not by themselves. */
  grantCsrCreation(users: readonly string[]): Promise<void>
  /** No watch can be resumed from a version before now. */
  forgetVersions(): Promise<void>
  stop(): Promise<void>
}

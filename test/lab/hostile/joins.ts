/**
 * Honest kubelets that join one after another, and beside each the same with nobody who judges: attacker, control plane and
 * the product share this machine, and only the difference is the product's.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { type Client, createClient } from '../../kit/client.ts'
import { reported } from '../../kit/kubelet/addresses.ts'
import { createCsr, CSRS, metadataOf, standingOf } from '../../kit/kubelet/csr.ts'
import { Kubelet } from '../../kit/kubelet/kubelet.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { approve } from '../bench/bare-approval.ts'

/** After the attack has ended. A kubelet that was refused asks again after 2, 4, 8 and 16 s. */
const PATIENCE_MS = 30_000
/** Of nobody here: neither a webhook nor a controller looks at it. */
const BARE_SIGNER = 'example.com/bare'

export interface Joined {
  readonly asked: number
  /** Milliseconds from the first create to Approved, of those that were approved. */
  readonly approved: readonly number[]
  /** What they were told that had to ask again, which a kubelet does after 2 s and more. */
  readonly refusals: readonly string[]
  /** Why the others were not. */
  readonly problems: readonly string[]
  /** The same, from the create of a CSR that an administrator approves at once. */
  readonly bare: readonly number[]
}

interface JoiningKubelet {
  readonly kubelet: Kubelet
  readonly client: Client
}

interface JoiningKubelets extends Disposable {
  readonly all: readonly JoiningKubelet[]
}

interface Joining {
  readonly count: number
  /** Makes their names unique. */
  readonly prefix: string
  /** The second and third octet of their addresses, which are unique too: the ledger remembers who had them before. */
  readonly subnet: readonly [number, number]
}

/** So many kubelets with credentials of their own, 256 at most. */
export async function prepareKubelets(
  cluster: ControlPlane,
  { count, prefix, subnet }: Joining,
): Promise<JoiningKubelets> {
  using stack = new DisposableStack()
  const prepare = async (index: number): Promise<JoiningKubelet> => {
    const name = `${prefix}-${index}`
    const pair = await cluster.issue({ commonName: `system:node:${name}`, organizations: ['system:nodes'] })
    const client = stack.use(createClient(cluster.url, { caPem: cluster.caPem, ...pair }))
    const addresses = reported(['Hostname', name], ['InternalIP', `10.${subnet.join('.')}.${index}`])
    return { kubelet: new Kubelet(client, { name, addresses }), client }
  }
  const all = await Promise.all(Array.from({ length: count }, (_, index) => prepare(index)))
  const owned = stack.move()
  return { all, [Symbol.dispose]: () => owned.dispose() }
}

/** Lets them join evenly over so many seconds. */
export async function joinOverTime(
  cluster: ControlPlane,
  kubelets: readonly JoiningKubelet[],
  seconds: number,
): Promise<Joined> {
  const over = AbortSignal.timeout(seconds * 1_000 + PATIENCE_MS)
  const approved: number[] = []
  const bare: number[] = []
  const refusals: string[] = []
  const problems: string[] = []
  const join = async ({ kubelet, client }: JoiningKubelet, index: number) => {
    await sleep((seconds * 1_000 * index) / kubelets.length)
    try {
      await kubelet.register()
      await kubelet.report()
      const obtained = await kubelet.obtain(over)
      approved.push(obtained.totalMs - obtained.issuedMs + obtained.approvedMs)
      refusals.push(...obtained.refusals)
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
    // A figure to compare with; without it there is one less.
    await askBare(cluster, client, over).then(
      (ms) => void bare.push(ms),
      () => undefined,
    )
  }
  await Promise.all(kubelets.map(join))
  return { asked: kubelets.length, approved, refusals, problems, bare }
}

/** What the API server, etcd and this machine take for the same calls. */
async function askBare(cluster: ControlPlane, client: Client, signal: AbortSignal): Promise<number> {
  const { request } = buildRequest()
  const started = performance.now()
  const { status, body } = await createCsr(client, { request, signerName: BARE_SIGNER })
  if (status !== 201) throw new Error(`a CSR of another signer was answered ${status}`)
  const path = `${CSRS}?watch=1&fieldSelector=metadata.name%3D${metadataOf(body).name}`
  const seen = client.watch(path, (csr) => standingOf(csr).approved, signal)
  await Promise.all([seen, approve(cluster, body)])
  return performance.now() - started
}

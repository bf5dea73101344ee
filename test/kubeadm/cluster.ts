/** A kubeadm cluster of hosts on this machine, with real kubelets that wait for someone to approve their certificates. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { bootHost, type Host } from './hosts/host.ts'
import { connect, connectRouter } from './hosts/network.ts'
import type { Binaries } from './binaries.ts'
import type { Images } from './images.ts'
import {
  type ClusterPlan,
  initConfiguration,
  joinConfiguration,
  type Membership,
  newToken,
} from './kubeadm.ts'
import { importImage, installPodNetwork, startContainerd, startKubelet, startProxy } from './node.ts'

export interface Surroundings {
  readonly binaries: Binaries
  readonly images: Images
  /** The program that waits: first process of every host. */
  readonly still: string
  /** Where the clusters' directories go. */
  readonly directory: string
  /** Above the clusters' cgroups. */
  readonly cgroup: string
}

export interface ClusterOptions {
  readonly name: string
  /** Whether its hosts get a pod network and kube-proxy when they are made; else {@link Cluster.completeNetwork}. */
  readonly network: boolean
}

export interface JoinOptions {
  /** Default: one that no host had before. */
  readonly address?: string
  /** As in {@link Membership}. */
  readonly kubeletFlags?: Readonly<Record<string, string>>
}

/** The control plane's address; workers count up from it. */
const CONTROL_PLANE = 10
const hostAddress = (index: number): string => `198.51.100.${CONTROL_PLANE + index}`

export class Cluster {
  readonly plan: ClusterPlan
  readonly hosts: Host[] = []
  readonly #indexes = new Map<string, number>()
  readonly #around: Surroundings
  readonly #options: ClusterOptions
  readonly #archives: string[]
  #networked: boolean
  #stopped = false

  constructor(around: Surroundings, options: ClusterOptions) {
    this.plan = { version: around.images.version, address: hostAddress(0), token: newToken() }
    this.#around = around
    this.#options = options
    this.#networked = options.network
    this.#archives = [...around.images.everywhere]
  }

  get controlPlane(): Host {
    const [first] = this.hosts
    if (first === undefined) throw new Error(`the cluster ${this.#options.name} has no control plane yet`)
    return first
  }

  get binaries(): Binaries {
    return this.#around.binaries
  }

  host(name: string): Host {
    const found = this.hosts.find((host) => host.plan.name === name)
    if (found === undefined) throw new Error(`the cluster ${this.#options.name} has no host ${name}`)
    return found
  }

  /** `kubeadm init` on a first host, named `control-plane`. */
  async init(): Promise<void> {
    const { binaries, images } = this.#around
    const host = await this.#boot('control-plane')
    await connectRouter(host)
    await this.#prepare(host, images.controlPlane)
    const file = '/etc/kubernetes/init.yaml'
    await writeFile(host.file(file), initConfiguration(this.plan, membership(host)))
    await Promise.all([
      startKubelet(host, binaries),
      host.run(
        [
          binaries('kubeadm'),
          'init',
          `--config=${file}`,
          '--skip-phases=addon',
          '--ignore-preflight-errors=all',
        ],
        { timeoutMs: 180_000 },
      ),
    ])
    if (this.#networked) await this.#network(host)
  }

  /** A further host on the network, without anything that runs on it. */
  async attach(name: string, address?: string): Promise<Host> {
    const host = await this.#boot(name, address)
    await connect(this.controlPlane, host, this.#podRange(host))
    return host
  }

  /** `kubeadm join` on a further host. Returns when the kubelet has its client certificate and the Node exists. */
  async join(name: string, { address, kubeletFlags }: JoinOptions = {}): Promise<Host> {
    const { binaries } = this.#around
    const host = await this.attach(name, address)
    await this.#prepare(host, [])
    const caPem = await readFile(this.controlPlane.file('/etc/kubernetes/pki/ca.crt'), 'utf8')
    const file = '/etc/kubernetes/join.yaml'
    await writeFile(
      host.file(file),
      joinConfiguration(
        this.plan,
        { ...membership(host), ...(kubeletFlags !== undefined && { kubeletFlags }) },
        caPem,
      ),
    )
    if (this.#networked) await this.#network(host)
    await Promise.all([
      startKubelet(host, binaries),
      host.run([binaries('kubeadm'), 'join', `--config=${file}`, '--ignore-preflight-errors=all'], {
        timeoutMs: 120_000,
      }),
    ])
    return host
  }

  /** Ends a worker as a power failure does. Its Node stays. */
  async end(host: Host): Promise<void> {
    this.hosts.splice(this.hosts.indexOf(host), 1)
    await host.stop()
  }

  /** Brings the pod network and kube-proxy to all hosts, present and future. */
  async completeNetwork(): Promise<void> {
    this.#networked = true
    await Promise.all(this.hosts.map((host) => this.#network(host)))
  }

  /** Brings an image to all hosts, present and future, as a registry would. */
  async importImage(archive: string): Promise<void> {
    this.#archives.push(archive)
    await Promise.all(this.hosts.map((host) => importImage(host, archive)))
  }

  /** A kubeconfig with a client certificate for a user, as `kubeadm kubeconfig user` makes it. */
  kubeconfigOf(user: string, group?: string): Promise<string> {
    const of = [`--client-name=${user}`, ...(group === undefined ? [] : [`--org=${group}`])]
    const command = [this.binaries('kubeadm'), 'kubeconfig', 'user', ...of]
    return this.controlPlane.run([...command, '--config=/etc/kubernetes/init.yaml'])
  }

  /** Ends every host, the control plane last. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const host of this.hosts.toReversed()) await host.stop()
    this.hosts.length = 0
  }

  async #boot(name: string, address?: string): Promise<Host> {
    const { still, directory, cgroup } = this.#around
    const index = this.#indexes.size
    this.#indexes.set(name, index)
    const path = `${this.#options.name}/${name}`
    await mkdir(join(directory, path), { recursive: true })
    const host = await bootHost({
      name,
      address: address ?? hostAddress(index),
      directory: join(directory, path),
      cgroup: `${cgroup}/${path}`,
      init: [still],
    })
    this.hosts.push(host)
    if (this.#stopped) await this.stop() // it was stopped, by an interrupt, while this host booted
    return host
  }

  #podRange(host: Host): string {
    return `10.244.${this.#indexes.get(host.plan.name) ?? 0}.0/24`
  }

  async #prepare(host: Host, archives: readonly string[]): Promise<void> {
    await startContainerd(host, this.#around.images.pauseName)
    for (const archive of [...this.#archives, ...archives]) await importImage(host, archive)
  }

  async #network(host: Host): Promise<void> {
    await installPodNetwork(host, this.#podRange(host))
    await startProxy(host, this.#around.binaries, await this.kubeconfigOf('system:kube-proxy'))
  }
}

function membership({ plan }: Host): Membership {
  return { name: plan.name, address: plan.address, cgroup: plan.cgroup }
}

import { poolOf } from '../../policies/pools.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Address, Known, Reservation } from '../../policies/types.ts'
import type { Clock, Log, ProbeRecorder, Prober, ProvenAddress } from '../ports.ts'
import { type CaFile, watchCaFile } from '../tls/ca-file.ts'
import { createDial } from './dial.ts'
import { mayDial } from './may-dial.ts'
import { KubeletProber } from './prober.ts'
import { Reach } from './reach.ts'
import { Trust } from './trust.ts'

/** How kubelets are reached. */
export interface KubeletsOptions {
  /** The port of every kubelet. */
  readonly port: number
  /** Their CA, if it is another than the cluster's. */
  readonly ca: CaFile
  readonly recorder: ProbeRecorder
  /** Whether they are dialled from elsewhere than the controller. */
  readonly elsewhere?: boolean
}

interface ProberDependencies {
  readonly kubelets: KubeletsOptions
  /** PEM of the CA that the API server is verified by; null if there is none. May reject. */
  readonly clusterCa: () => Promise<string | null>
  /** Names and addresses of no Node: none of them is dialled. */
  readonly reserved: () => Known<readonly Reservation[]>
  /** The addresses at which kubelets of Nodes that exist have answered. */
  readonly proven: () => Iterable<ProvenAddress>
  readonly rules: () => Rules
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
}

interface StoppableProber extends Prober {
  /** Resolves when no dial is in progress. */
  stop(): Promise<void>
}

/** Dials the addresses that may be a Node's. */
export function createProber(dependencies: ProberDependencies): StoppableProber {
  const { kubelets, clusterCa, reserved, proven, rules, clock, log } = dependencies
  const { port, recorder } = kubelets
  const messages = {
    changed: 'certificates of kubelets are verified by a new CA, too',
    faulty: 'the new CA of kubelets is not valid: the previous one stays in use',
  }
  const watchedCa = watchCaFile({ first: kubelets.ca, log, messages })
  const trust = new Trust({ clusterCa, kubeletCa: () => watchedCa.pem() })
  const mayBeDialled = (address: Address): boolean => mayDial(address, reserved(), rules())
  const prober = new KubeletProber({
    port,
    dial: createDial({ port, context: () => trust.context() }),
    mayDial: mayBeDialled,
    now: () => clock.monotonic(),
    recorder,
    log,
  })
  const reach = new Reach({
    prober,
    proven,
    mayDial: mayBeDialled,
    poolOf: (node) => poolOf(rules(), node)?.name ?? null,
    now: () => clock.monotonic(),
    random: Math.random,
  })
  return {
    probe: (addresses, signal) => prober.probe(addresses, signal),
    result: (address) => prober.result(address),
    network: (family, pool) => reach.network(family, pool),
    lookAtNetwork: (family, pool, signal) => reach.look(family, pool, signal),
    async stop() {
      watchedCa.stop()
      await prober.stop()
    },
  }
}

import { isAddress } from '../policies/address.ts'
import { reservedAddress } from '../policies/reserved.ts'
import type { Rules } from '../policies/rules.ts'
import type { Address, Known } from '../policies/types.ts'
import type { Reservations } from './facts/reservations.ts'
import type { Parts } from './parts.ts'
import type { Prober } from './ports.ts'
import { createDial } from './probe/dial.ts'
import { KubeletProber } from './probe/prober.ts'
import { Trust } from './probe/trust.ts'
import { watchCaFile } from './tls/ca-file.ts'

interface OpenProber extends Prober {
  /** Resolves when no dial is in progress. */
  stop(): Promise<void>
}

interface ProberSources {
  readonly reserved: () => Known<Reservations>
  readonly rules: () => Rules
}

/** Null without the controller: the pods of the webhook reach no Node. */
export function openProber(parts: Parts, { reserved, rules }: ProberSources): OpenProber | null {
  const { options, cluster, log, metrics } = parts
  if (!options.controller) return null
  const { port } = options.probe
  const kubeletCa = openKubeletCa(parts)
  const trust = new Trust({ clusterCa: () => cluster.clusterCa(), kubeletCa: kubeletCa.pem })
  const prober = new KubeletProber({
    port,
    dial: createDial({ port, context: () => trust.context() }),
    mayDial: (address) => mayBeNodes(address, reserved(), rules()),
    recorder: metrics,
    log,
    now: () => cluster.clock.monotonic(),
  })
  return {
    probe: (addresses, signal) => prober.probe(addresses, signal),
    result: (address) => prober.result(address),
    problem: () => prober.problem(),
    async stop() {
      kubeletCa.stop()
      await prober.stop()
    },
  }
}

/** No reserved address, whoever asks for it; but the API server's own, since a control-plane Node has it too. */
export function mayBeNodes(address: Address, reserved: Known<Reservations>, rules: Rules): boolean {
  // What a request calls an address may have any length, and would be dialled as a host's name.
  if (!reserved.known || !isAddress(address)) return false
  const holder = reservedAddress(address, { cluster: { reserved } }, rules)
  return holder === undefined || holder.apiServer
}

/** The CA in --probe-ca, as the file is now. */
function openKubeletCa({ options, probeCa, log }: Parts): {
  readonly pem: () => string | null
  readonly stop: () => void
} {
  let pem = probeCa
  const path = options.probe.ca
  if (path === null || probeCa === null) return { pem: () => null, stop: () => undefined }
  const messages = {
    changed: 'certificates of kubelets are verified by a new CA, too',
    faulty: 'the new CA of kubelets is not valid: the previous one stays in use',
  }
  const watching = watchCaFile({
    path,
    first: probeCa,
    log,
    messages,
    onChange(changed) {
      pem = changed
    },
  })
  return { pem: () => pem, stop: () => watching.stop() }
}

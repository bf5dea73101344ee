import type { MachinesOptions, ServeOptions, TlsOptions, TruthOptions } from '../server/options.ts'
import { quoted } from '../policies/text.ts'
import { type Flag, type SetFlag, serveFlags as flags, variableOf } from './serve-flags.ts'

/** The input as text: flags by name, and the environment. */
export interface Given {
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** The identity of this process if POD_NAME is not set. */
  readonly hostname: string
}

export type ServeReading =
  | { readonly ok: true; readonly options: ServeOptions; readonly logLevel: string }
  /** `options`: as far as they could be read, so that the caller can look for more faults. */
  | { readonly ok: false; readonly faults: readonly string[]; readonly options: ServeOptions }

/** Reads flags and environment, and lists all faults: wrong values, missing values and contradictions. */
export function readServeOptions(given: Given): ServeReading {
  const reader = new FlagReader(given)
  const webhook = reader.value(flags.webhook)
  const controller = reader.value(flags.controller)
  const lease = reader.value(flags.lease)
  const options: ServeOptions = {
    api: {
      kubeconfig: reader.optional(flags.kubeconfig),
      context: reader.optional(flags.context),
      server: reader.optional(flags.server),
    },
    policy: reader.optional(flags.policy),
    webhook,
    controller,
    tls: readTls(reader, webhook),
    webhookListen: reader.value(flags.webhookListen),
    webhookCallers: {
      clientCa: reader.optional(flags.webhookClientCa),
      prefixes: reader.optional(flags.webhookCallers) ?? [],
    },
    probe: { port: reader.value(flags.probePort), ca: reader.optional(flags.probeCa) },
    breakGlassGroups: reader.optional(flags.breakGlassGroups) ?? [],
    metricsListen: reader.value(flags.metricsListen),
    lease: reader.value(flags.leaderElect) ? lease : null,
    ledger: reader.optional(flags.ledger),
    identity: given.env['POD_NAME'] ?? given.hostname,
    truth: readTruth(reader),
    drainSeconds: reader.value(flags.drainSeconds),
  }
  const logLevel = reader.value(flags.logLevel)
  const faults = [...reader.faults, ...contradictions(options)]
  return faults.length === 0 ? { ok: true, options, logLevel } : { ok: false, faults, options }
}

function readTls(reader: FlagReader, webhook: boolean): TlsOptions | null {
  if (reader.value(flags.tlsMode) === 'files') {
    if (!webhook) return null
    const because = 'while the webhook is on with --tls-mode=files'
    const cert = reader.needed(flags.tlsCert, because)
    const key = reader.needed(flags.tlsKey, because)
    return cert === null || key === null ? null : { mode: 'files', cert, key }
  }
  const because = 'with --tls-mode=self-signed'
  const secret = reader.needed(flags.tlsSecret, because)
  const names = reader.needed(flags.tlsNames, because)
  const webhookConfiguration = reader.needed(flags.webhookConfiguration, because)
  if (secret === null || names === null || webhookConfiguration === null) return null
  return { mode: 'self-signed', secret, names, webhookConfiguration }
}

function readTruth(reader: FlagReader): TruthOptions {
  const domains = reader.optional(flags.dnsDomains)
  const servers = reader.optional(flags.dnsServers) ?? []
  if (domains === null && servers.length > 0)
    reader.faults.push('--dns-servers: has no effect without --dns-domains')
  return {
    inventory: reader.optional(flags.inventory) ?? [],
    machines: readMachines(reader),
    dns: domains === null ? null : { domains, servers },
  }
}

function readMachines(reader: FlagReader): MachinesOptions | null {
  const clusterApi = reader.optional(flags.clusterApi)
  const openshift = reader.optional(flags.openshiftMachines)
  const kubeconfig = reader.optional(flags.machinesKubeconfig)
  if (clusterApi !== null && openshift !== null)
    reader.faults.push('--cluster-api, --openshift-machines: both are set, at most one can be')
  if (clusterApi !== null) return { cluster: clusterApi.name, namespace: clusterApi.namespace, kubeconfig }
  if (openshift !== null) return { cluster: null, namespace: openshift, kubeconfig }
  if (kubeconfig !== null)
    reader.faults.push('--machines-kubeconfig: has no effect without --cluster-api or --openshift-machines')
  return null
}

function contradictions({ webhook, controller, webhookListen, metricsListen }: ServeOptions): string[] {
  const faults: string[] = []
  if (!webhook && !controller)
    faults.push('--webhook, --controller: both are false, at least one must be true')
  const same =
    webhookListen.port !== 0 &&
    webhookListen.port === metricsListen.port &&
    webhookListen.host === metricsListen.host
  if (webhook && same)
    faults.push('--metrics-listen: is the same as --webhook-listen, must be a different address')
  return faults
}

/** Reads single flags. A wrong value is treated as missing and adds a fault. */
class FlagReader {
  readonly #given: Given
  readonly faults: string[] = []

  constructor(given: Given) {
    this.#given = given
  }

  value<T>(flag: SetFlag<T>): T {
    const given = this.optional(flag)
    if (given !== null) return given
    const initial = flag.read(flag.initial)
    if (!initial.ok) throw new Error(`the default of --${flag.name} is not valid`)
    return initial.value
  }

  needed<T>(flag: Flag<T>, because: string): T | null {
    if (this.#textOf(flag) === undefined) this.faults.push(`--${flag.name}: is required ${because}`)
    return this.optional(flag)
  }

  optional<T>(flag: Flag<T>): T | null {
    const found = this.#textOf(flag)
    if (found === undefined) return null
    const reading = flag.read(found.text)
    if (reading.ok) return reading.value
    this.faults.push(`${found.from}: is ${quoted(found.text)}, must be ${reading.wanted}`)
    return null
  }

  /** An empty value counts as not set, so charts and shells may leave a variable empty. */
  #textOf(flag: Flag<unknown>): { readonly text: string; readonly from: string } | undefined {
    const sources = [
      { text: this.#given.flags[flag.name] ?? '', from: `--${flag.name}` },
      { text: this.#given.env[variableOf(flag)] ?? '', from: `$${variableOf(flag)}` },
    ]
    return sources.find(({ text }) => text !== '')
  }
}

/** What the prober's dial sees of a fleet that listens, and what it costs. */
import { parseAddress } from '../../../policies/address.ts'
import { createDial } from '../../../server/probe/dial.ts'
import { Trust } from '../../../server/probe/trust.ts'
import { percentile } from './statistics.ts'

interface Listening {
  readonly name: string
  readonly ownAddresses: readonly string[]
}

/** Dials every address of every node, one after the other. A line of figures. */
export async function dialAll(nodes: readonly Listening[], port: number, caPem: string): Promise<string> {
  const trust = new Trust({ clusterCa: async () => caPem, kubeletCa: () => null })
  const dial = createDial({ port, context: () => trust.context() })
  const seen = new Map<string, number>()
  const times: number[] = []
  const begun = process.cpuUsage()
  for (const { name, ownAddresses } of nodes)
    for (const text of ownAddresses) {
      const started = performance.now()
      const sight = await dial(parseAddress(text) ?? '')
      times.push(performance.now() - started)
      const what = sight.kind === 'certificate' ? certificateOf(sight.node, name) : sight.kind
      seen.set(what, (seen.get(what) ?? 0) + 1)
    }
  const { user, system } = process.cpuUsage(begun)
  const cpuMs = (user + system) / 1_000 / times.length
  const counts = [...seen].map(([what, count]) => `${count} ${what}`).join(', ')
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(times, share).toFixed(1))
  return `dialled ${times.length} addresses: ${counts}; ms p50 ${p50}, p99 ${p99}, CPU ms ${cpuMs.toFixed(2)} each`
}

function certificateOf(node: string | null, own: string): string {
  if (node === null) return 'self-made'
  return node === own ? 'own' : 'of another Node'
}

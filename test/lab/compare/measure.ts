/** One approver, alone on a control plane of its own, asked for all that the demo asks for. */
import { peakMegabytes } from '../bench/process.ts'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { isObject } from '../../kit/client.ts'
import { CSRS, metadataOf, standingOf, textOf } from '../../kit/kubelet/csr.ts'
import type { Standing } from '../../kit/kubelet/csr.ts'
import { until } from '../../kit/until.ts'
import { store } from '../../suite/ask.ts'
import { setUp, type Setup } from '../../suite/cluster.ts'
import { obtainAll } from '../../suite/obtain.ts'
import { requesterOf } from '../../suite/request.ts'
import type { Row } from '../../suite/rows.ts'
import { hostileCases } from '../../suite/suite.ts'
import type { Contender } from './contender.ts'
import { tally } from './tally.ts'
import type { Figures } from './tally.ts'

/** After all were asked. Who leaves a request Pending decides no more than that. */
const SETTLE_MS = 20_000
const POLL_MS = 500

/** Rejects when the cluster itself fails, so that no fault of ours counts as an approver's. */
export async function measure(contender: Contender): Promise<Figures> {
  await using cluster = await startControlPlane({ dualStack: true })
  await using setup = await setUp(cluster)
  await using running = await contender.start(cluster)
  const rows: Row[] = []
  await obtainAll('webhook off', setup, '', { say: () => undefined, row: (row) => void rows.push(row) })
  await setup.honestAreServed()
  const stored = await Promise.all(hostileCases.map(async (one) => await store(setup, one)))
  for (const { one, status, message } of stored) {
    if (status !== 201) throw new Error(`“${one.title}” was not stored: ${status} ${message}`)
  }
  const standings = await settled(
    setup,
    stored.map(({ name }) => name),
  )
  return tally({
    honest: rows.map(({ by, asked: title, problem }) => ({
      title,
      obtained: problem === null,
      standings: [...standings.values()].filter(({ user }) => user === by),
    })),
    hostile: stored.map(({ name, one }) => ({
      title: one.title,
      by: requesterOf(one).user,
      standing: standings.get(name),
    })),
    megabytes: peakMegabytes(running.pid),
  })
}

/** All CSRs by name, as soon as nothing more is to come of those that are named. */
async function settled(setup: Setup, names: readonly string[]) {
  const isOver = async () => {
    const standings = await list(setup)
    return names.every((name) => isFinal(standings.get(name)))
  }
  // Whatever is open after that stays open.
  await until(isOver, 'all are decided', SETTLE_MS, POLL_MS).catch(() => undefined)
  return await list(setup)
}

function isFinal(standing: Standing | undefined): boolean {
  return standing !== undefined && (standing.certificate !== null || standing.denied || standing.failed)
}

async function list({ cluster }: Setup) {
  const { status, body } = await cluster.adminRequest('GET', CSRS)
  if (status !== 200) throw new Error(`CSRs cannot be listed: ${status} ${textOf(body['message'])}`)
  const items = Array.isArray(body['items']) ? body['items'].filter(isObject) : []
  return new Map(
    items.map((item) => {
      const spec = isObject(item['spec']) ? item['spec'] : {}
      return [metadataOf(item).name, { ...standingOf(item), user: textOf(spec['username']) }] as const
    }),
  )
}

/** One approver in one cluster, asked everything: what came of each case. */
import { lookup } from 'node:dns/promises'
import { CSRS, listOf, metadataOf, type Standing, standingOf, usernameOf } from '../../kit/kubelet/csr.ts'
import { until } from '../../kit/until.ts'
import { store } from '../ask.ts'
import { setUp, type Setup, type SuiteCluster } from '../cluster.ts'
import { obtainAll } from '../obtain.ts'
import { requesterOf } from '../request.ts'
import type { Row } from '../rows.ts'
import type { Case, Outcome, Result } from '../schema.ts'
import { honestCases } from '../suite.ts'
import type { Approver, Running } from './approver.ts'
import { foreignIn } from './foreign.ts'
import { doKubeletsAnswer, openKubeletPort } from './kubelet-port.ts'

/** After all were asked. Who leaves a request Pending decides no more than that. */
const SETTLE_MS = 20_000
const POLL_MS = 500
/** Who judges only the newest CSR of a node has so long for each, before the node's next. */
const TURN_MS = 500
const TURN_POLL_MS = 25

/** @param asked hostile cases. Rejects when the cluster itself fails, so that no fault of ours counts as an approver's. */
export async function score(
  cluster: SuiteCluster,
  approver: Approver,
  { asked, say }: { readonly asked: readonly Case[]; readonly say: (line: string) => void },
): Promise<Result> {
  await using stack = new AsyncDisposableStack()
  const setup = stack.use(await setUp(cluster))
  const port = await openKubeletPort(setup.machines).catch((error: Error) => error)
  if (!(port instanceof Error)) stack.use(port)
  const kubeletsAnswer = await doKubeletsAnswer()
  if (!kubeletsAnswer)
    say('No kubelet answers here at the addresses of the Nodes: an approver that looks sees none')
  const [{ node = '' } = {}] = honestCases
  if (!(await lookup(node).catch(() => null)))
    say('The names of the nodes do not resolve here, see --hosts: an approver that asks DNS refuses them')
  const running = stack.use(await approver.start(cluster))
  const started = performance.now()
  const honest = await obtain(setup)
  await setup.honestAreServed()
  const hostile = await askHostile(setup, asked, running)
  const seconds = Math.round((performance.now() - started) / 1000)
  const renewed = (await obtain(setup)).filter(({ outcome }) => outcome === 'issued').length
  return {
    version: 1,
    day: new Date().toISOString().slice(0, 10),
    kubernetes: cluster.minor,
    kubeletsAnswer,
    approver: { name: approver.name, told: approver.told, version: approver.version ?? 'unknown version' },
    seconds,
    renewed,
    outcomes: [...honest, ...hostile],
  }
}

/** Every honest kubelet asks, until it has a certificate or its patience ends. */
async function obtain(setup: Setup): Promise<readonly Outcome[]> {
  const rows: Row[] = []
  await obtainAll('webhook off', setup, '', { say: () => undefined, row: (row) => void rows.push(row) })
  const standings = [...(await list(setup)).values()]
  return honestCases.map((one) => {
    const user = requesterOf(one).user
    const row = rows.find(({ by }) => by === user)
    const own = standings.filter((standing) => standing.user === user)
    return { id: one.id, outcome: honestOutcome(row?.problem ?? null, own) }
  })
}

function honestOutcome(problem: string | null, own: readonly Standing[]): Outcome['outcome'] {
  if (problem === null) return 'issued'
  if (own.some(({ certificate }) => certificate !== null)) return 'otherwiseIssued'
  if (own.some(({ denied }) => denied)) return 'denied'
  return own.length === 0 ? 'refused' : 'left'
}

async function askHostile(
  setup: Setup,
  asked: readonly Case[],
  { said }: Running,
): Promise<readonly Outcome[]> {
  const stored: Awaited<ReturnType<typeof store>>[] = []
  const ofEach = Map.groupBy(asked, (one) => requesterOf(one).user)
  const inTurn = async (ofOne: readonly Case[]) => {
    for (const one of ofOne) {
      const answer = await store(setup, one)
      stored.push(answer)
      if (answer.status === 201) await decided(setup, answer.name)
    }
  }
  await Promise.all([...ofEach.values()].map(inTurn))
  const standings = await settled(
    setup,
    stored.filter(({ status }) => status === 201).map(({ name }) => name),
  )
  const inOrder = asked.flatMap((one) => stored.filter((each) => each.one === one))
  return await Promise.all(
    inOrder.map(async ({ one, name, status, message }) => {
      if (status !== 201) return unstored(one, status, message)
      const outcome = hostileOutcome(one, standings.get(name))
      if (outcome.says === undefined || said === undefined) return outcome
      return { ...outcome, told: await said(name) }
    }),
  )
}

/** Resolves when the CSR is approved or denied, or its turn is over. */
async function decided({ cluster }: Setup, name: string): Promise<void> {
  const isDecided = async () => {
    const { approved, denied } = standingOf((await cluster.adminRequest('GET', `${CSRS}/${name}`)).body)
    return approved || denied
  }
  await until(isDecided, 'it is decided', TURN_MS, TURN_POLL_MS).catch(() => undefined)
}

/** 400 and 422 are the API server's; a webhook's refusal says of itself that it is one. */
function unstored({ id }: Case, status: number, message: string | null): Outcome {
  if (status === 400 || status === 422) return { id, outcome: 'notStored' }
  if (status !== 403) throw new Error(`${id}: ${status} ${message}`)
  return { id, outcome: message?.includes('denied the request') ? 'refused' : 'notStored' }
}

export function hostileOutcome(one: Case, standing: Standing | undefined): Outcome {
  const { id } = one
  const certificate = standing?.certificate ?? null
  if (certificate !== null) {
    const says = foreignIn(certificate, requesterOf(one).user)
    return { id, outcome: 'issued', ...(says.length > 0 && { says: [...says] }) }
  }
  if (standing?.denied) return { id, outcome: 'denied' }
  return { id, outcome: standing?.approved ? 'unsigned' : 'left' }
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
  const items = await listOf(cluster, CSRS)
  return new Map(
    items.map((item) => [metadataOf(item).name, { ...standingOf(item), user: usernameOf(item) }] as const),
  )
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { checks } from '../policies/index.ts'
import type { ParsedRequest, ProbeResult } from '../policies/types.ts'
import { planFor } from './controller/plan.ts'
import type { Network, Prober, Resolver } from './ports.ts'
import { approved, begin, inputFor, node, parsed } from './judge.fixture.ts'

/** Sees the certificate of n1 everywhere, once it was asked. */
function probing(dialled: string[]): Prober {
  const certificate = { kind: 'certificate', spkiSha256: 'ab', node: 'n1', forMs: 0 } as const
  return {
    probe: async (addresses) => void dialled.push(...addresses),
    result: (address) => (dialled.includes(address) ? certificate : undefined),
    network: () => 'works',
    lookAtNetwork: async () => undefined,
  }
}

test('controller and guard dial what the Node was not granted before, and judge again; an admission dials nothing', async () => {
  for (const purpose of ['approve', 'guard'] as const) await dialsWhatIsNew(purpose)
})

async function dialsWhatIsNew(purpose: 'approve' | 'guard'): Promise<void> {
  const dialled: string[] = []
  const { judge, nodes } = await begin(undefined, [], probing(dialled))
  // It was there before: what a Node reports from now on is looked at when it does.
  nodes.phase = 'syncing'
  nodes.set('n2', { ...node, name: 'n2', uid: 'u2', names: ['n2'] })
  nodes.phase = 'live'
  assert.equal((await judge(inputFor('admit'))).decision.verdict, 'unknown')
  assert.deepEqual(dialled, [])
  const { decision, proof } = await judge(inputFor(purpose))
  assert.deepEqual([decision.verdict, dialled, proof], ['approve', ['c6336401'], ['198.51.100.1 own']])
}

test('an address that is not dialled before the time of the guard is up is unknown', async () => {
  const { judge } = await begin(undefined, [], {
    probe: async (_addresses, signal) => {
      if (signal?.aborted === false) await once(signal, 'abort')
    },
    result: () => undefined,
    network: () => undefined,
    lookAtNetwork: async () => undefined,
  })
  const ending = new AbortController()
  setImmediate(() => ending.abort())
  const { decision } = await judge({ ...inputFor('guard'), signal: ending.signal })
  assert.deepEqual([decision.verdict, decision.reason], ['unknown', 'AddressContested'])
  assert.match(decision.message, /198\.51\.100\.1 not dialled yet/u)
})

test('an address that shows nothing is dialled twice at most before the decision', async () => {
  let dials = 0
  const { judge } = await begin(undefined, [], {
    probe: async () => void (dials += 1),
    result: () => undefined,
    network: () => 'works',
    lookAtNetwork: async () => undefined,
  })
  assert.equal((await judge(inputFor('approve'))).decision.verdict, 'unknown')
  assert.equal(dials, 2)
})

test('a new Node has its addresses dialled when it reports them, unless the policy has none of it dialled', async () => {
  const dialled: string[] = []
  const { nodes } = await begin(undefined, [], probing(dialled), { dials: (name) => name !== 'n2' })
  nodes.set('n2', { ...node, name: 'n2', uid: 'u2', addresses: ['c6336402'] })
  nodes.set('n3', { ...node, name: 'n3', uid: 'u3', addresses: ['c6336403'] })
  assert.deepEqual(dialled, ['c6336403'])
})

test('where no kubelet answered a moment ago, the network is looked at before the decision', async () => {
  for (const result of [
    { kind: 'nothing' },
    { kind: 'certificate', spkiSha256: 'ab', node: null },
  ] as const) {
    let network: Network | undefined
    const { judge } = await begin(undefined, [], {
      probe: async () => undefined,
      result: () => ({ ...result, forMs: 0 }),
      network: () => network,
      lookAtNetwork: async () => void (network = 'uncertain'),
    })
    assert.equal((await judge(inputFor('approve'))).decision.verdict, 'approve')
  }
})

/** The same at every address. */
function showing(result: ProbeResult): Prober {
  return {
    probe: async () => undefined,
    result: () => result,
    network: () => 'works',
    lookAtNetwork: async () => undefined,
  }
}

test('a kubelet that lost a certificate which somebody else approved has another within a minute, and no denial before', async () => {
  const settings = { mode: 'enforce', denyStored: null, patienceSeconds: 30 } as const
  const impatient = { settings, webhookEnabled: true, ageMs: 31_000, undecided: 1 }
  const plans = [0, 59_000, 60_000].map(async (forMs) => {
    const { judge, csrs } = await begin(undefined, [], showing({ kind: 'noCertificate', forMs }))
    csrs.set('by-hand', approved('by-hand', 40_000))
    return planFor((await judge(inputFor('approve'))).decision, impatient).kind
  })
  assert.deepEqual(await Promise.all(plans), ['recheck', 'recheck', 'approve'])
})

test('a certificate that is not valid yet, as of a signer whose clock is ahead, is known by the key that was granted', async () => {
  const spkiSha256 = 'ab'.repeat(32)
  const { judge, csrs } = await begin(
    undefined,
    [],
    showing({ kind: 'certificate', spkiSha256, node: null, forMs: 0 }),
  )
  assert.equal((await judge(inputFor('approve'))).decision.reason, 'AddressUnproven')
  const csr = approved('by-hand', 40_000)
  csrs.set('by-hand', { ...csr, claims: [...csr.claims, `key:${spkiSha256.slice(0, 32)}`] })
  const { decision, proof } = await judge(inputFor('approve'))
  assert.deepEqual([decision.verdict, proof], ['approve', ['198.51.100.1 own']])
})

test('a request that is refused all the same has nothing dialled', async () => {
  const dialled: string[] = []
  const { judge, nodes } = await begin(undefined, [], probing(dialled))
  nodes.set('n1', { ...node, addresses: [] })
  assert.equal((await judge(inputFor('approve'))).decision.reason, 'AddressNotOfNode')
  assert.deepEqual(dialled, [])
})

const CONFORMS = `Conforms: all ${checks.length + 1} checks pass`
const FQDN = 'db.example.com'
const withName: ParsedRequest = {
  ...parsed,
  sans: [...parsed.sans, { kind: 'dNSName', value: FQDN, at: 70 }],
}
const named = { ...node, names: ['n1', FQDN] }

/** Says where a name leads, once it was asked. */
function resolving(lookedUp: string[], to: readonly string[]): Resolver {
  return {
    lookUp: async (names) => void lookedUp.push(...names),
    answer: (name) => (lookedUp.includes(name) ? { known: true, value: to } : undefined),
  }
}

test('the controller has a name looked up that is not the Node’s own; the webhook asks no DNS', async () => {
  for (const [to, wanted] of [
    [['c6336401'], CONFORMS],
    [[], `${CONFORMS}; ${FQDN} has no address in DNS`],
  ] as const) {
    const lookedUp: string[] = []
    const fixture = await begin(() => withName, [], probing([]), { resolver: resolving(lookedUp, to) })
    fixture.nodes.set('n1', named)
    assert.equal((await fixture.judge(inputFor('admit'))).decision.verdict, 'approve')
    assert.deepEqual(lookedUp, [])
    const { decision } = await fixture.judge(inputFor('approve'))
    assert.deepEqual([decision.message, lookedUp], [wanted, [FQDN]])
  }
})

test('a name is not looked up if its Node does not report it', async () => {
  const lookedUp: string[] = []
  const { judge } = await begin(() => withName, [], probing([]), { resolver: resolving(lookedUp, []) })
  assert.equal((await judge(inputFor('approve'))).decision.reason, 'NameNotOfNode')
  assert.deepEqual(lookedUp, [])
})

test('the webhook admits a contested name that DNS may show to be the requester’s, and the controller looks', async () => {
  const lookedUp: string[] = []
  const fixture = await begin(() => withName, [], probing([]), {
    resolver: resolving(lookedUp, ['c6336401']),
  })
  fixture.nodes.set('n1', named)
  fixture.nodes.set('n2', { ...named, name: 'n2', uid: 'u2', addresses: [] })
  const { decision } = await fixture.judge(inputFor('admit'))
  assert.deepEqual([decision.verdict, decision.reason], ['unknown', 'NameContested'])
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
})

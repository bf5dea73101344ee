/** What was granted outlasts the CSR that shows it, and a Node that is deleted and made again. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../kit/until.ts'
import { STARTED_MS, World } from './world.ts'

const CONFIG_MAPS = '/api/v1/namespaces/kubelet-csr-gate/configmaps'
const ADDRESS = '198.51.100.20'

let world: World

before(async () => {
  world = await World.create()
  const { ready } = await world.run({ ledger: 'gate-ledger' })
  await ready()
})
after(async () => await world[Symbol.asyncDispose]())

/** Approves a CSR of the victim, waits until it is in the ledger, and removes the CSR. */
async function grantAndForget(node: string, address: string): Promise<void> {
  const csr = world.ask(node, address)
  await world.untilApproved(csr, STARTED_MS)
  await until(() => ledgerText().includes(`"csr":"${csr}"`), 'it is in the ledger', STARTED_MS)
  world.csrs.remove(csr)
}

function ledgerText(): string {
  const shards = world.api.collection(CONFIG_MAPS).list()
  return shards.map(({ data }) => Object.values(data ?? {}).join('')).join('')
}

test('a liar does not get an address whose evidence is gone, nor while its holder’s Node is made again', async () => {
  world.join('victim', ADDRESS)
  await grantAndForget('victim', ADDRESS)
  world.join('liar', ADDRESS)
  const asked: string[] = []
  const askInVain = async (): Promise<void> => {
    const csr = world.ask('liar', ADDRESS)
    await world.untilLeft(csr, 'AddressContested')
    asked.push(csr)
  }
  await askInVain()
  world.nodes.remove('victim')
  await askInVain()
  world.join('victim', ADDRESS)
  await askInVain()
  for (const csr of asked) assert.equal(world.isApproved(csr), false, csr)
})

test('a Node called by a dotted name does not take it from the Node that was granted it', async () => {
  const name = 'honest.example.com'
  world.join('honest', '198.51.100.21')
  world.alsoReports('honest', name)
  const csr = world.askFor('honest', [name], '198.51.100.21')
  await world.untilApproved(csr, STARTED_MS)
  await until(() => ledgerText().includes(name), 'it is in the ledger', STARTED_MS)
  world.csrs.remove(csr)
  world.join(name, '198.51.100.22')
  const taken = world.ask(name, '198.51.100.22')
  await world.untilLeft(taken, 'NameContested')
  assert.equal(world.isApproved(taken), false)
  await world.untilApproved(world.askFor('honest', [name], '198.51.100.21'), STARTED_MS)
})

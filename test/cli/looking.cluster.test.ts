/** `approve` and `explain` look who answers, from where they run, as the controller does. The kubelets are on loopback. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Cluster } from '../kit/cluster.ts'
import { attempt, type Finished } from '../kit/child.ts'
import { Machines } from '../kit/kubelet/machines.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'
import { startCluster } from '../kit/start-cluster.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')
let plane: Cluster
let machines: Machines

before(async () => {
  plane = await startCluster()
  machines = new Machines(plane.directory)
})
after(async () => {
  await machines[Symbol.asyncDispose]()
  await plane.stop()
})

function run(...args: string[]): Promise<Finished> {
  const { flags, environment } = machines.dialling
  const argv = [process.execPath, ...flags, MAIN, ...args, '--kubeconfig', plane.adminKubeconfig]
  return attempt(argv, { env: environment })
}

async function explained(csr: string, ...flags: string[]) {
  const { code, stdout } = await run('explain', `csr/${csr}`, '-o', 'json', ...flags)
  const { controller, looked, todo, belongs } = JSON.parse(stdout)
  return { code, controller, looked, todo, belongs }
}

const joined = async (name: string, address: string) => await new TestNode(plane, name, address).join()

test('a kubelet that waits at its address is seen from here, and without a look nothing is known', async () => {
  await machines.start(['198.51.100.1'])
  const csr = await (await joined('waits', '198.51.100.1')).ask()
  const seen = await explained(csr)
  assert.deepEqual([seen.code, seen.controller.verdict, seen.looked.port], [0, 'approve', 10_250])
  const whys = seen.belongs.map(({ value, why }: Record<string, string>) => `${value} ${why}`)
  assert.deepEqual(whys, ['waits ownName', '198.51.100.1 answersNow'])
  const { stdout } = await run('explain', `csr/${csr}`)
  assert.match(stdout, /^198\.51\.100\.1 +answers as this Node now$/mu)
  assert.match(stdout, /^looked +from \S+, on port 10250 of each address$/mu)

  const blind = await explained(csr, '--no-dial')
  assert.deepEqual([blind.code, blind.controller.verdict, blind.looked], [1, 'unknown', null])
  assert.match(blind.controller.message, /nobody has looked who answers at 198\.51\.100\.1: nobody dials/u)
  assert.match(blind.todo[0], new RegExp(`kubelet-csr-gate approve --node waits --unproven ${csr}$`, 'u'))
})

test('a silent address is unknown where nothing shows that kubelets are reached, and --unproven approves and tells it', async () => {
  const csr = await (await joined('silent', '198.51.100.2')).ask()
  const { controller } = await explained(csr)
  assert.equal(controller.verdict, 'unknown')
  assert.match(controller.message, /at 198\.51\.100\.2: nothing shows that kubelets are reached from here/u)

  const left = await run('approve', '--node', 'silent', '--timeout', '5s')
  assert.equal(left.code, 1)
  assert.match(
    left.stdout,
    new RegExp(
      `${csr} is not approved: .*198\\.51\\.100\\.2.* To approve it without a look: --node silent --unproven ${csr}$`,
      'mu',
    ),
  )

  const flags = ['--node', 'silent', '--unproven', csr, '--no-dial', '--timeout', '50s']
  const { code, stdout } = await run('approve', ...flags)
  assert.equal(code, 0, stdout)
  const told =
    'nobody answered at 198\\.51\\.100\\.2 when it was judged: an operator approves it without proof'
  assert.match(stdout, new RegExp(`silent {2}${csr} is approved without proof: .*${told}$`, 'mu'))
})

test('what another certificate answers for is refused, whatever --unproven says', async () => {
  const machine = await machines.start(['198.51.100.3'])
  await joined('owner', '198.51.100.4')
  await machine.serve(
    await plane.issue({ commonName: 'system:node:owner', organizations: ['system:nodes'], names: ['owner'] }),
  )
  const csr = await (await joined('liar', '198.51.100.3')).ask()
  const dry = await run('approve', '--dry-run', '--node', 'liar', '--unproven', csr, '-o', 'json')
  assert.equal(dry.code, 1)
  const [decision] = JSON.parse(dry.stdout).decisions
  assert.deepEqual([decision.csr, decision.verdict, decision.reason], [csr, 'notYet', 'AddressContested'])
  assert.match(decision.message, /at 198\.51\.100\.3 the kubelet of Node owner answers/u)
})

test('nothing is dialled for a CSR that is refused all the same, nor where an address is reserved', async () => {
  const other = await machines.start(['198.51.100.5'])
  const reserved = await machines.start(['10.96.0.9'])
  const liar = await joined('asks-for-more', '198.51.100.6')
  const foreign = await liar.ask({ addresses: ['198.51.100.5'] })
  await liar.report({ names: ['asks-for-more'], addresses: ['10.96.0.9'] })
  const service = await liar.ask({ addresses: ['10.96.0.9'] })
  for (const csr of [foreign, service]) {
    const { controller } = await explained(csr)
    assert.equal(controller.verdict, 'notYet', controller.message)
    assert.equal((await run('explain', `csr/${csr}`, '-o', 'wide')).code, 1)
  }
  assert.deepEqual([other.connections(), reserved.connections()], [0, 0])
})

test('a CSR whose name is no plain word is told without control characters, and stays one word of a command', async () => {
  const name = 'x\u001b[2J;reboot'
  await (await joined('draws', '198.51.100.7')).ask({ csr: name })
  const { stdout } = await run('approve', '--node', 'draws', '--timeout', '5s')
  assert.match(stdout, /To approve it without a look: --node draws --unproven 'x\\u001b\[2J;reboot'$/mu)
  assert.match(stdout, /^[\x20-\x7e\n]*$/u)
  const inWords = await run('explain', `csr/${name}`)
  assert.match(inWords.stdout, /approve --node draws --unproven 'x\\u001b\[2J;reboot'/u)
  assert.match(inWords.stdout, /^[\x20-\x7e\n]*$/u)
})

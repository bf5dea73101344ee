/** `npm run e2e` runs these before it makes clusters: they need root and what test/setup.sh installs. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { cgroupsStartingWith, removeCgroup } from './cgroups.ts'
import { bootHost, type HostPlan } from './host.ts'
import { connect, connectRouter } from './network.ts'
import { attempt } from '../../kit/child.ts'
import { eventually } from '../../kit/until.ts'

/** Two addresses on one cable; every plan's traces are removed when the test ends. */
async function planned(context: TestContext, name: string, index: number): Promise<HostPlan> {
  const directory = await mkdtemp(join(tmpdir(), 'host-test-'))
  const cgroup = `host-test-${process.pid}-${name}`
  context.after(async () => {
    await removeCgroup(cgroup)
    await rm(directory, { recursive: true, force: true })
  })
  return { name, address: `198.51.100.${10 + index}`, directory, cgroup, init: ['sleep', '600'] }
}

test('what a host writes into /etc stays on the host, and is gone with it', async (context) => {
  const host = await bootHost(await planned(context, 'alone', 0))
  context.after(() => host.stop())
  await writeFile(host.file('/etc/only-here'), 'mine\n')
  assert.equal(await host.run(['cat', '/etc/only-here']), 'mine\n')
  assert.equal(await host.run(['hostname']), 'alone\n')
  assert.notEqual(hostname(), 'alone')
  assert.equal(existsSync('/etc/only-here'), false)
  await host.stop()
  assert.equal(existsSync(`/proc/${host.pid}`), false)
  assert.deepEqual(await cgroupsStartingWith(host.plan.cgroup), [])
})

test('a kubelet’s kernel settings reach a file and not the machine', async (context) => {
  const host = await bootHost(await planned(context, 'tuned', 0))
  context.after(() => host.stop())
  const machine = await readFile('/proc/sys/kernel/panic', 'utf8')
  await host.run(['sh', '-c', 'echo 77 > /proc/sys/kernel/panic'])
  assert.equal(await host.run(['cat', '/proc/sys/kernel/panic']), '77\n')
  assert.equal(await readFile('/proc/sys/kernel/panic', 'utf8'), machine)
})

test('hosts on one cable hear each other, and the machine has no part in it', async (context) => {
  const router = await bootHost(await planned(context, 'router', 0))
  context.after(() => router.stop())
  const leaf = await bootHost(await planned(context, 'leaf', 1))
  context.after(() => leaf.stop())
  await connectRouter(router)
  await connect(router, leaf, '10.244.1.0/24')
  assert.match(await leaf.run(['ip', 'route', 'get', router.plan.address]), /^198\.51\.100\.10 dev eth0 /)
  assert.match(await router.run(['ip', 'link', 'show', 'to-leaf']), /state UP/)
  assert.equal((await attempt(['ip', 'link', 'show', 'to-leaf'])).code, 1)
})

test('a host ends when the process that made it is killed', async (context) => {
  const plan = await planned(context, 'orphan', 0)
  const program = `
    const { bootHost } = await import(${JSON.stringify(join(import.meta.dirname, 'host.ts'))})
    const host = await bootHost(${JSON.stringify(plan)})
    process.stdout.write(String(host.pid))
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = await new Promise((resolve) => parent.stdout.once('data', resolve))
  assert.equal(existsSync(`/proc/${String(pid)}/ns/net`), true)
  parent.kill('SIGKILL')
  await eventually('the host is gone', 5, async () => ((await isRunning(String(pid))) ? undefined : true))
})

/** A process that nobody buried yet does not run. */
async function isRunning(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status !== '' && !status.includes(') Z ')
}

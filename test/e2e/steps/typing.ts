/** The fix that doctor prints, typed as it stands by someone who has no systemd. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { attempt } from '../../kit/child.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { restartKubelet } from '../../kubeadm/node.ts'
import { shiftClock } from './clock.ts'
import type { Step } from './diagnoses.ts'
import { MAIN } from './program.ts'

const BIN = '/opt/typed'
/** What systemd and chrony were asked. */
const ASKED = '/run/asked'
const COMMAND_MS = 90_000

/** Types each command of a fix on the machine that it names, whatever the one before said. Returns what was seen. */
export async function typeFix(cluster: Cluster, fix: readonly Step[]): Promise<string> {
  const seen: string[] = []
  for (const { on = '', run } of fix)
    if (run !== undefined) seen.push(await typeOn(cluster, machineOf(cluster, on), run))
  return seen.join('\n')
}

/** The Node that is named; any other machine is a control plane, of which there is one. */
function machineOf(cluster: Cluster, on: string): Host {
  return cluster.hosts.find(({ plan }) => plan.name === on) ?? cluster.controlPlane
}

async function typeOn(cluster: Cluster, host: Host, command: string): Promise<string> {
  await furnish(cluster, host)
  const environment = ['KUBECONFIG=/etc/kubernetes/admin.conf', `HOME=${host.plan.directory}`]
  const shell = ['env', ...environment, 'sh', '-c', `PATH=${BIN}:$PATH\n${command}`]
  const { code, stdout, stderr } = await attempt([...host.entered(), ...shell], { timeoutMs: COMMAND_MS })
  const asked = await readFile(host.file(ASKED), 'utf8').catch(() => '')
  if (asked.includes('systemctl restart kubelet')) await restartKubelet(host, cluster.binaries)
  if (asked.includes('chronyc makestep')) await shiftClock(host, 'kube-controller-manager', 0)
  const [last = ''] = `${stdout}${stderr}`.trim().split('\n').slice(-1)
  return `${host.plan.name} $ ${command}\n  ${code}: ${last}`
}

/** The programs that a machine of kubeadm has and this one has not. */
async function furnish(cluster: Cluster, host: Host): Promise<void> {
  const programs = {
    kubectl: `exec ${cluster.binaries('kubectl')} "$@"`,
    'kubelet-csr-gate': `exec ${process.execPath} ${MAIN} "$@"`,
    sudo: 'exec "$@"',
    systemctl: `echo systemctl "$@" >> ${ASKED}`,
    chronyc: `echo chronyc "$@" >> ${ASKED}`,
    timedatectl: 'date',
    journalctl: `cat ${host.log('kubelet')}`,
  }
  await host.run(['mkdir', '-p', BIN])
  for (const [name, line] of Object.entries(programs))
    await writeFile(host.file(`${BIN}/${name}`), `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  await rm(host.file(ASKED), { force: true })
}

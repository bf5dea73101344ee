/** The time between kubeadm init and the first workloads: one command on the control-plane host, and nothing installed. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Proof } from './proof.ts'
import { startLogPod, untilReached } from './steps/log-pods.ts'
import { runProgram } from './steps/program.ts'
import type { Workspace } from './workspace.ts'

const WORKERS = ['worker-1', 'worker-2']
/** Measured at 30 to 60 s from kubeadm init's end on, with two workers that join meanwhile. */
const TIMEOUT_MS = 180_000

export async function approver(proof: Proof, workspace: Workspace): Promise<void> {
  const cluster = workspace.cluster({ name: 'approver', network: false })
  await proof.step('kubeadm init: no chart, no pod network, no worker', () => cluster.init())
  await proof.step('approve --expect 3, while two workers join', async () => {
    const approving = runProgram(cluster, ['approve', '--expect=3', '--timeout=150s'], TIMEOUT_MS)
    await sleep(1_000)
    await Promise.all(WORKERS.map((name) => cluster.join(name)))
    const { code, stdout, stderr } = await approving
    proof.print(stdout + stderr)
    proof.holds('approve ends with 0', String(code), code === 0)
  })
  await proof.step('Every kubelet answers, and status is content', async () => {
    const names = ['control-plane', ...WORKERS]
    await Promise.all(names.map((name) => startLogPod(cluster, name, true)))
    await untilReached(cluster, names, 30)
    const { code, stdout } = await runProgram(cluster, ['status'])
    proof.print(stdout)
    proof.holds('status ends with 0', String(code), code === 0)
  })
  await proof.step('The cluster ends', () => cluster.stop())
}

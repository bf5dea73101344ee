/** An approver as it is scored, and how one is started that its file describes. */
import { join } from 'node:path'
import { startChild } from '../../kit/child.ts'
import { untilReady } from '../../kit/ready.ts'
import type { ApproverFile } from '../schema.ts'
import type { SuiteCluster } from '../cluster.ts'
import { findProgram, type Program } from './program.ts'

export interface Approver {
  readonly name: string
  /** What it is told, for people. */
  readonly told: string
  /** Null where its program is not here. */
  readonly version: string | null
  /** Resolves when it works. `launcher`: a command that becomes the program that it is told. */
  start(cluster: SuiteCluster, launcher?: readonly string[]): Promise<Running>
}

/** One that runs in this process, or was there before, has no process of its own. */
export interface Running extends AsyncDisposable {
  readonly pid?: number
  /** What it says of a CSR that it approved, where it says more than the condition. */
  readonly said?: (csr: string) => Promise<string>
}

export interface StartedProgram extends Running {
  readonly pid: number
}

const READY_MS = 30_000

/** @param given default the program of that name, as findProgram finds it */
export async function approverFrom(file: ApproverFile, given?: Program) {
  const [command = ''] = file.command
  const program = given ?? (await findProgram(command))
  return {
    name: file.name,
    told: file.told,
    version: program === null ? null : (file.release ?? program.version),
    start: async (cluster: SuiteCluster, launcher: readonly string[] = []) => {
      if (program === null)
        throw new Error(`${command} is neither in the folder KUBELET_CSR_GATE_BINARIES nor on PATH`)
      return await run(cluster, file, [...launcher, program.path])
    },
  } satisfies Approver
}

async function run(
  cluster: SuiteCluster,
  { command, account, environment = {}, ready }: ApproverFile,
  [path = '', ...before]: readonly string[],
): Promise<StartedProgram> {
  const [name = '', ...args] = command
  const kubeconfig = await cluster.createServiceAccountKubeconfig(account)
  const child = startChild({
    name,
    path,
    args: [...before, ...args.map((argument) => argument.replaceAll('$KUBECONFIG', kubeconfig))],
    environment: { ...process.env, KUBECONFIG: kubeconfig, ...environment },
    logFile: join(cluster.directory, 'approver.log'),
  })
  await untilReady(child, ready, READY_MS)
  return child
}

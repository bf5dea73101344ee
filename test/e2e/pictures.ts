/** Pictures of the command line for the documentation: a cluster where one worker has a certificate, and one waits for its own. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Proof } from './proof.ts'
import { untilAsked } from './steps/asked.ts'
import { runProgram } from './steps/program.ts'
import { shownOnTerminal } from './terminal/pty.ts'
import { terminalSvg } from './terminal/svg.ts'
import type { Workspace } from './workspace.ts'

const FOLDER = join(import.meta.dirname, '../../docs/images')
const COLUMNS = 118
/** doctor calls a CSR late after a minute. */
const LATE_MS = 63_000
const BYTES_MAX = 60_000

export async function pictures(proof: Proof, workspace: Workspace): Promise<void> {
  const cluster = workspace.cluster({ name: 'pictures', network: true })
  const waiting = await proof.step('Of two workers, only one is approved', async () => {
    await cluster.init()
    await cluster.join('worker-1')
    await runProgram(cluster, ['approve', '--expect=2', '--timeout=90s'], 120_000)
    await cluster.join('worker-2')
    const { metadata } = await untilAsked(cluster, 'worker-2', 60)
    await sleep(LATE_MS)
    return metadata.name
  })
  const commands = { status: ['status'], doctor: ['doctor'], explain: ['explain', `csr/${waiting}`] }
  await mkdir(FOLDER, { recursive: true })
  for (const [name, args] of Object.entries(commands)) {
    await proof.step(`docs/images/${name}.svg`, async () => {
      const shown = await shownOnTerminal(cluster, args, COLUMNS)
      const svg = terminalSvg(`kubelet-csr-gate ${args.join(' ')}`, shown, COLUMNS)
      await writeFile(join(FOLDER, `${name}.svg`), svg)
      proof.holds(`${name} names the node that waits`, `${svg.length} bytes`, shown.includes('worker-2'))
      proof.holds(`the picture of ${name} is small`, `${svg.length} bytes`, svg.length <= BYTES_MAX)
    })
  }
  await proof.step('The cluster ends', () => cluster.stop())
}

/** Scores an approver: every case is asked in a cluster, and what is judged is the certificates that are issued. */
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { resolveBinaries } from '../binaries/resolve.ts'
import { startControlPlane } from '../control-plane/control-plane.ts'
import { inColumns } from '../kit/columns.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { NameServer } from '../kit/name-server.ts'
import { runAgainAlone } from '../kit/alone.ts'
import { approverCalled, names } from './score/approvers.ts'
import type { Approver } from './score/approver.ts'
import { connectTo } from './score/connected.ts'
import { kubeletAddresses } from './score/kubelet-port.ts'
import { hostsFile, zone } from './score/owners.ts'
import { score } from './score/score.ts'
import { cellsOf, faultsOf, HEAD, passes } from './score/table.ts'
import type { Result } from './schema.ts'
import { cases, isHonest } from './suite.ts'

const HELP = `
npx node test/suite/score.ts --approver NAME|FILE [--approver ...] [--signer shared|own] [--results FOLDER]
                            [--output text|json]
npx node test/suite/score.ts --approver NAME|FILE --kubeconfig FILE --throwaway
npx node test/suite/score.ts --list
npx node test/suite/score.ts --hosts

Without --kubeconfig: on a control plane of its own for each approver, on this machine, in namespaces where a kubelet
answers at the address of every Node and names resolve to the addresses of their nodes. Linux, as root or where users
may make namespaces. With --signer own a CA of its own signs kubelets, not the one that signs clients.

With --kubeconfig: in a cluster of yours. Nodes, Services, roles and CSRs are left behind, so use one that you throw
away, and say so with --throwaway. FILE is an administrator's. --approver installed is the one that runs there.

--hosts      what a resolver must answer, as lines of a hosts file
--approver   a name of --list, or a file as docs/suite.md describes it
--case       asks only this hostile case; may be repeated. Honest nodes ask always
--results    writes what came of each case into FOLDER/NAME.json
Exit code 0 when every honest node is served and nothing is signed that no approver may let be signed.
`

const { values } = readArguments(HELP, {
  options: {
    approver: { type: 'string', multiple: true, default: [] },
    case: { type: 'string', multiple: true, default: [] },
    kubeconfig: { type: 'string' },
    throwaway: { type: 'boolean', default: false },
    results: { type: 'string' },
    output: { type: 'string', default: 'text' },
    signer: { type: 'string', default: 'shared' },
    list: { type: 'boolean', default: false },
    hosts: { type: 'boolean', default: false },
    // Set by this program only, for itself within the namespaces.
    alone: { type: 'boolean', default: false },
  },
})
const { approver: wanted, case: only, kubeconfig, results, output } = values
const asked = cases.filter((one) => !isHonest(one) && (only.length === 0 || only.includes(one.id)))

if (output !== 'text' && output !== 'json') refuseArguments(HELP, `--output is text or json, not ${output}`)
else if (values.signer !== 'shared' && values.signer !== 'own')
  refuseArguments(HELP, `--signer is shared or own, not ${values.signer}`)
else if (values.list) process.stdout.write(`${names.join('\n')}\n`)
else if (values.hosts) process.stdout.write(hostsFile())
else if (asked.length === 0) refuseArguments(HELP, 'no hostile case has that id')
else if (only.length > 0 && results !== undefined) refuseArguments(HELP, 'results have every case')
else if (wanted.length === 0) refuseArguments(HELP, 'which approver?')
else if (kubeconfig !== undefined && (!values.throwaway || wanted.length > 1))
  refuseArguments(HELP, '--kubeconfig is for one approver, in a cluster that is thrown away: --throwaway')
else if (kubeconfig !== undefined || values.alone) process.exitCode = await main()
else {
  // What may have to be built or fetched is, while there is a network.
  await resolveBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager'])
  const local = kubeletAddresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`)
  process.exitCode = await runAgainAlone({ hosts: hostsFile(), local })
}

async function main(): Promise<number> {
  await using stack = new AsyncDisposableStack()
  // Beside the file of names, for approvers that ask a name server themselves.
  if (values.alone) await stack.use(new NameServer(zone)).start(53)
  const found: Result[] = []
  for (const name of wanted) {
    const approver = await approverCalled(name)
    say(`${approver.name} ${approver.version ?? 'is not on PATH'}: ${approver.told}`)
    if (approver.version === null) continue
    const result = await scoreOne(approver)
    found.push(result)
    say(`  ${result.outcomes.length} cases in ${result.seconds} s`)
    if (results !== undefined)
      await writeFile(
        join(results, `${basename(name, '.json')}.json`),
        `${JSON.stringify(result, null, 2)}\n`,
      )
  }
  process.stdout.write(`${output === 'json' ? JSON.stringify(found, null, 2) : textOf(found)}\n`)
  return found.length === wanted.length && found.every(passes) ? 0 : 1
}

async function scoreOne(approver: Approver): Promise<Result> {
  await using cluster = await (kubeconfig === undefined
    ? startControlPlane({ dualStack: true, signer: values.signer === 'own' ? 'own' : 'shared' })
    : connectTo(kubeconfig))
  return await score(cluster, approver, { asked, say })
}

function textOf(found: readonly Result[]): string {
  const details = found.flatMap((result) => {
    const { name, told } = result.approver
    return [`\n${name}: ${told}`, ...faultsOf(result).map((fault) => `  ${fault}`)]
  })
  return [...inColumns([HEAD, ...found.map(cellsOf)]), ...details].join('\n')
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

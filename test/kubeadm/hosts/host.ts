/**
 * A machine of its own, made of namespaces: network, mounts, processes, host name. Its /etc, /var and /run are
 * its own too: what is written there lands in the host's directory. It ends with its first process: the kernel
 * then takes its processes, mounts and network with it, and nothing of it is left but two directories.
 */
import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { makeCgroup, removeCgroup } from './cgroups.ts'
import { type Child, run, type RunOptions, startChild } from '../../kit/child.ts'
import { eventually } from '../../kit/until.ts'

export interface HostPlan {
  readonly name: string
  /** An IPv4 address, without a length. */
  readonly address: string
  /** Where all it writes is kept. */
  readonly directory: string
  /** Its cgroup, such as `run-1/worker`. */
  readonly cgroup: string
  /** A command that waits and reaps: the host's first process. */
  readonly init: readonly string[]
}

export class Host {
  readonly plan: HostPlan
  /** Of the first process, as seen from outside. */
  readonly pid: number
  readonly #parent: Child

  constructor(plan: HostPlan, parent: Child, pid: number) {
    this.plan = plan
    this.#parent = parent
    this.pid = pid
  }

  /** Where a file of the host is found, and may be written, from outside. */
  file(path: string): string {
    return `/proc/${this.pid}/root${path}`
  }

  log(program: string): string {
    return join(this.plan.directory, 'logs', `${program}.log`)
  }

  /** Runs a program on the host: its files, its processes, its network. */
  run(argv: readonly string[], options?: RunOptions): Promise<string> {
    return run([...this.entered(), ...argv], options)
  }

  /** Starts a program on the host that runs as long as the host. */
  start(program: string, argv: readonly string[]): void {
    startHere([...this.entered(), ...argv], this.log(program))
  }

  /** What goes before a command that runs on the host. */
  entered(): readonly string[] {
    return ['nsenter', `--target=${this.pid}`, '--mount', '--pid', '--net', '--uts', '--ipc', '--']
  }

  /** What goes before a command that needs the host's network alone. */
  networked(): readonly string[] {
    return ['nsenter', `--target=${this.pid}`, '--net', '--']
  }

  async stop(): Promise<void> {
    await endAfter(this.#parent, this.pid)
    await eventually(`${this.plan.name} ends`, 20, async () => {
      await removeCgroup(this.plan.cgroup) // busy until the last of its processes is gone
      return true
    })
  }
}

/** Kills the first process, so that the unshare above it buries it and ends. */
async function endAfter(parent: Child, pid: number): Promise<void> {
  if (parent.ended() !== null) return
  process.kill(pid, 'SIGKILL')
  await parent.gone
}

function startHere(argv: readonly string[], logFile: string): Child {
  const [path = '', ...args] = argv
  return startChild({ name: path, path, args, logFile })
}

/** Boots a host without a network but loopback. */
export async function bootHost(plan: HostPlan): Promise<Host> {
  for (const each of ['logs', ...OWN_TREES.flatMap((tree) => [tree, `${tree}.work`]), 'sysctl']) {
    await mkdir(join(plan.directory, each), { recursive: true })
  }
  await makeCgroup(plan.cgroup)
  const parent = startHere([...UNSHARE, ...plan.init], join(plan.directory, 'logs', 'init.log'))
  try {
    const pid = await eventually(`${plan.name} boots`, 10, () => firstProcess(parent.pid))
    const host = new Host(plan, parent, pid)
    await host.run(['sh', '-euc', await furnish(plan)])
    return host
  } catch (error) {
    await parent.kill()
    throw error
  }
}

const UNSHARE = [
  'unshare',
  '--mount',
  '--pid',
  '--net',
  '--uts',
  '--ipc',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--',
]

/** The child of `unshare` that is in the new namespace; its other child is the guard that {@link startChild} left. */
async function firstProcess(parent: number): Promise<number | undefined> {
  const own = await readlink('/proc/self/ns/pid')
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')
  for (const child of children.split(' ').filter(Boolean))
    if ((await readlink(`/proc/${child}/ns/pid`)) !== own) return Number(child)
  return undefined
}

const OWN_TREES = ['etc', 'var', 'opt'] as const

/** Kernel settings a kubelet insists on for the whole machine: it finds them as it likes them, in files, and changes none. */
const KUBELET_SYSCTLS = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
} as const

async function furnish({ directory, name, address }: HostPlan): Promise<string> {
  const lines = [
    `hostname ${name}`,
    'mount -t tmpfs -o mode=755 host-run /run',
    'mkdir -p /run/netns /run/lock',
  ]
  for (const tree of OWN_TREES) {
    const layers = `lowerdir=/${tree},upperdir=${directory}/${tree},workdir=${directory}/${tree}.work`
    lines.push(`mount -t overlay -o ${layers} host-${tree} /${tree}`)
  }
  for (const [setting, value] of Object.entries(KUBELET_SYSCTLS)) {
    const stand = join(directory, 'sysctl', setting.replaceAll('/', '.'))
    await writeFile(stand, `${value}\n`)
    lines.push(`mount --bind ${stand} /proc/sys/${setting}`)
  }
  lines.push(
    'mkdir -p /etc/kubernetes/manifests /etc/cni/net.d /etc/containerd /var/lib/kubelet /var/lib/etcd',
    `mount -t tmpfs -o mode=700 host-etcd /var/lib/etcd`, // fsync costs nothing there
    `echo '${address} ${name}' >> /etc/hosts`, // kubeadm looks its own name up: 10 s without an answer
    'ip link set lo up',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
  )
  return lines.join('\n')
}

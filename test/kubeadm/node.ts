/** What every machine of the cluster runs: containerd, a kubelet, and where asked kube-proxy and a pod network. */
import { readFile, stat, writeFile } from 'node:fs/promises'

import type { Host } from './hosts/host.ts'
import { eventually } from '../kit/until.ts'
import type { Binaries } from './binaries.ts'

const PLUGINS = '/usr/lib/cni' // where Debian's containernetworking-plugins installs them

export async function startContainerd(host: Host, pauseImage: string): Promise<void> {
  await writeFile(host.file('/etc/containerd/config.toml'), containerdConfig(host, pauseImage))
  host.start('containerd', ['containerd'])
  await eventually(`containerd answers on ${host.plan.name}`, 20, () => host.run(['ctr', 'version']))
}

export async function importImage(host: Host, archive: string): Promise<void> {
  await host.run(['ctr', '--namespace', 'k8s.io', 'images', 'import', archive], { timeoutMs: 120_000 })
}

/** Waits for kubeadm, running meanwhile, to write what a kubelet needs, and starts it in place of systemd. */
export async function startKubelet(host: Host, binaries: Binaries): Promise<void> {
  const flags = await eventually(`kubeadm prepares the kubelet of ${host.plan.name}`, 60, () =>
    kubeletFlags(host),
  )
  host.start('kubelet', [
    ...LEAVING_PID,
    binaries('kubelet'),
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
    ...flags,
  ])
}

/** Pods go on without their kubelet, and nothing answers at its port. */
export async function stopKubelet(host: Host): Promise<void> {
  await host.run(['sh', '-c', `kill "$(cat ${KUBELET_PID})"`])
  await eventually(`the kubelet of ${host.plan.name} ends`, 20, async () => {
    await host.run(['sh', '-c', `! kill -0 "$(cat ${KUBELET_PID})"`])
    return true
  })
}

export async function restartKubelet(host: Host, binaries: Binaries): Promise<void> {
  await stopKubelet(host)
  await startKubelet(host, binaries)
}

const KUBELET_PID = '/run/kubelet.pid'
/** Goes before a program: its id on the host, which it keeps, is written down first. */
const LEAVING_PID = ['sh', '-c', `echo $$ > ${KUBELET_PID}; exec "$@"`, 'kubelet'] as const

/** Gives the pods of the host addresses from `podRange`; until then its Node is not ready. */
export async function installPodNetwork(host: Host, podRange: string): Promise<void> {
  await writeFile(host.file('/etc/cni/net.d/10-pods.conflist'), JSON.stringify(podNetwork(podRange)))
}

export async function startProxy(host: Host, binaries: Binaries, kubeconfig: string): Promise<void> {
  await writeFile(host.file('/etc/kubernetes/proxy.conf'), kubeconfig)
  host.start('kube-proxy', [
    binaries('kube-proxy'),
    '--kubeconfig=/etc/kubernetes/proxy.conf',
    '--proxy-mode=nftables',
    // The connection table is the machine's, not this network namespace's.
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
  ])
}

/** containerd 1.6 and later. Its root is outside /var: an overlay cannot lie on the overlay that is there. */
function containerdConfig(host: Host, pauseImage: string): string {
  return `version = 2
root = "${host.plan.directory}/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE, as in most containers, runc may not lower oom_score_adj and gives up.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${PLUGINS}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`
}

async function kubeletFlags(host: Host): Promise<readonly string[] | undefined> {
  const credentials = await exists(
    host,
    '/etc/kubernetes/kubelet.conf',
    '/etc/kubernetes/bootstrap-kubelet.conf',
  )
  if (!credentials || !(await exists(host, '/var/lib/kubelet/config.yaml'))) return undefined
  const line = await readFile(host.file('/var/lib/kubelet/kubeadm-flags.env'), 'utf8')
  const quoted = /^KUBELET_KUBEADM_ARGS="(.*)"\n?$/.exec(line)
  return quoted?.[1]?.split(' ')
}

async function exists(host: Host, ...anyOf: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    anyOf.map((path) =>
      stat(host.file(path)).then(
        ({ size }) => size > 0,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}

function podNetwork(podRange: string): object {
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods',
        isGateway: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

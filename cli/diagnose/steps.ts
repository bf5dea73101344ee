import type { Step } from './check.ts'

/** Steps that several checks share. The commands are for machines that kubeadm set up, unless `on` says otherwise. */
export const KUBELET_LOG: Step = {
  on: 'NODE',
  about: 'See what its kubelet says',
  run: 'sudo journalctl --unit kubelet --no-pager | grep -i certificate',
}

export const SEE_STATUS: Step = {
  about: 'Then see whether it serves a new one',
  run: 'kubelet-csr-gate status',
}

export const RESTART: readonly Step[] = [
  { on: 'NODE', about: 'Make it ask again', run: 'sudo systemctl restart kubelet' },
  SEE_STATUS,
]

export const EXPLAIN: readonly Step[] = [{ about: 'See why', run: 'kubelet-csr-gate explain csr/NAME' }]

const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml'

/** Sets a field of the KubeletConfiguration, takes out others, and restarts the kubelet. */
function configureKubelet(line: string, ...without: readonly string[]): string {
  const [field = ''] = line.split(':')
  const removed = [field, ...without].map((name) => `/^${name}:/d`).join(';')
  return `sudo sed -i '${removed}' ${KUBELET_CONFIG} && echo '${line}' | sudo tee -a ${KUBELET_CONFIG} && sudo systemctl restart kubelet`
}

export const TURN_ON_BOOTSTRAP: Step = {
  on: 'NODE',
  about: 'Let it ask the cluster for one',
  run: configureKubelet('serverTLSBootstrap: true', 'tlsCertFile', 'tlsPrivateKeyFile'),
}

export const LISTEN_ON_PORT: Step = {
  on: 'NODE',
  about: 'Let it listen where it is looked for',
  run: configureKubelet('port: PORT'),
}

export const FORGET_CERTIFICATE: Step = {
  on: 'NODE',
  about: 'Make it ask for its own; this removes a symbolic link',
  run: 'sudo rm /var/lib/kubelet/pki/kubelet-server-current.pem && sudo systemctl restart kubelet',
}

/** Brings pods back to a workload that was scaled to 0, and to no other. */
export function scaleUp(workload: string, replicas: number): string {
  return `kubectl --namespace NAMESPACE scale ${workload} --current-replicas=0 --replicas=${replicas}`
}

export const STEP_CLOCK = 'timedatectl; sudo chronyc makestep || sudo systemctl restart systemd-timesyncd'

/** Debian and Red Hat keep the arguments of the kubelet in different files. Those that are there stay. */
export const GIVE_ADDRESS = [
  `printf 'Address of %s: ' NODE && read -r ip`,
  `if [ -d /etc/sysconfig ]; then args=/etc/sysconfig/kubelet; else args=/etc/default/kubelet; fi`,
  `sudo touch "$args"`,
  `if sudo grep -q '^KUBELET_EXTRA_ARGS=' "$args"; then sudo sed -i "s/^KUBELET_EXTRA_ARGS=[\\"']\\{0,1\\}/&--node-ip=$ip /" "$args"; else echo "KUBELET_EXTRA_ARGS=--node-ip=$ip" | sudo tee -a "$args"; fi`,
  `sudo systemctl restart kubelet`,
].join(' && ')

const manifestOf = (component: string): string => `/etc/kubernetes/manifests/${component}.yaml`

/** Adds flags to a static pod of the control plane; those that are there already stay as they are. */
export function addsFlag(component: string, ...flags: readonly string[]): string {
  const file = manifestOf(component)
  const lines = flags.map((flag) => `\\n\\1- ${flag}`).join('')
  const [name] = (flags[0] ?? '').split('=')
  return `sudo grep -q -e '${name}=' ${file} || sudo sed -i 's|^\\( *\\)- ${component}$|&${lines}|' ${file}`
}

/** Gives another value to a flag that is there. */
export function changesFlag(component: string, flag: string, value: string): string {
  return `sudo sed -i 's|${flag}=.*|${flag}=${value}|' ${manifestOf(component)}`
}

/** Adds an entry to a flag that is a list, or the flag with it. */
export function addsToList(component: string, flag: string, entry: string): string {
  const file = manifestOf(component)
  return `if sudo grep -q -e '${flag}=.' ${file}; then sudo sed -i 's|${flag}=|&${entry},|' ${file}; else ${addsFlag(component, `${flag}=${entry}`)}; fi`
}

import type { Step } from './check.ts'

/** Steps that several checks share. The commands are for machines that kubeadm set up, unless `on` says otherwise. */
export const KUBELET_LOG: Step = {
  on: 'NODE',
  about: 'See what its kubelet says',
  run: 'sudo journalctl --unit kubelet --no-pager | grep -i certificate',
}

export const RESTART: readonly Step[] = [
  { on: 'NODE', about: 'Make it ask again', run: 'sudo systemctl restart kubelet' },
  { about: 'Then see whether it serves a new one', run: 'kubelet-csr-gate status' },
]

export const EXPLAIN: readonly Step[] = [{ about: 'See why', run: 'kubelet-csr-gate explain csr/NAME' }]

const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml'

export const TURN_ON_BOOTSTRAP: Step = {
  on: 'NODE',
  about: 'Let it ask the cluster for one',
  run: `sudo sed -i '/^serverTLSBootstrap:/d' ${KUBELET_CONFIG} && echo 'serverTLSBootstrap: true' | sudo tee -a ${KUBELET_CONFIG} && sudo systemctl restart kubelet`,
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

/** Adds an entry to a flag that is a list, or the flag with it. */
export function addsToList(component: string, flag: string, entry: string): string {
  const file = manifestOf(component)
  return `if sudo grep -q -e '${flag}=.' ${file}; then sudo sed -i 's|${flag}=|&${entry},|' ${file}; else ${addsFlag(component, `${flag}=${entry}`)}; fi`
}

import type { Source } from './render.ts'

/** The default installation: pods on the pod network, in a namespace of their own. */
export const install: Source = {
  namespace: 'kubelet-csr-gate',
  profile: 'running-cluster.yaml',
  values: {},
}

/** The port of API servers under kubeadm, unless `localAPIEndpoint.bindPort` says otherwise. */
const API_PORT = '6443'

/**
 * kubeadm, from the first minute. Each pod calls the API server of its own control plane, at the address of the Node:
 * kubeadm puts that address into the certificate of the API server, so that nobody has to fill it in.
 */
export const bootstrap: Source = {
  namespace: 'kube-system',
  profile: 'bootstrap.yaml',
  values: {
    kubeApi: { host: '' },
    extraEnv: [
      { name: 'KUBERNETES_SERVICE_HOST', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
      { name: 'KUBERNETES_SERVICE_PORT', value: API_PORT },
    ],
  },
}

/** Talos, from the first minute, by KubePrism. */
export const talos: Source = { namespace: 'kube-system', profile: 'talos.yaml', values: {} }

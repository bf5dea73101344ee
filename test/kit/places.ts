/** Where the control planes of the tests believe to be; the real one and the embedded one alike. */

/** TEST-NET-1, RFC 5737: what the cluster believes its API server's address to be. Endpoints cannot be loopback. */
export const ADVERTISED_ADDRESS = '192.0.2.10'
export const SERVICE_CIDR = '10.96.0.0/16'
export const SERVICE_CIDR_V6 = 'fd00:10:96::/112'
export const CONTROL_PLANE_HOST = 'control-plane-1'

/** The names and addresses that kubeadm puts into the API server's certificate, and 127.0.0.1, where we call it. */
export const API_SERVER_NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  CONTROL_PLANE_HOST,
]
export const API_SERVER_ADDRESSES = ['10.96.0.1', ADVERTISED_ADDRESS, '127.0.0.1']

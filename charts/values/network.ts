import { CIDR, flag, group, kubernetesList, texts } from './kinds.ts'

export const networkPolicy = group('NetworkPolicies of the pods. Probes of the kubelet are always allowed.', {
  enabled: flag('Create a NetworkPolicy for each workload.', false),
  apiServers: texts(
    'CIDRs of the API servers, or of the proxies through which they call. Reviews from other addresses are refused, and the NetworkPolicy admits only these to the port of the webhook. Default: any, because no selector matches API servers.',
    CIDR,
  ),
  scrapers: kubernetesList(
    'Peers that may reach the metrics port (`namespaceSelector`, `podSelector` or `ipBlock`). Default: everyone.',
  ),
  egress: kubernetesList(
    'Egress rules. Default: TCP ports 443, 6443 and `kubeApi.port`, for the API server; for the controller and the guard `kubelet.port` and port 53. Add DNS for the webhook if `kubeApi.host` is a name.',
  ),
})

export const apiPriorityAndFairness = group('Priority of the requests of the pods at the API server.', {
  enabled: flag(
    'Create FlowSchemas. The requests then wait with those of Kubernetes controllers (`workload-high`, `leader-election`) rather than with those of every workload.',
    true,
  ),
})

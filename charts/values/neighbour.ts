import { Type } from 'typebox'
import { flag, group, kubernetesList } from './kinds.ts'

/** What the chart sets among the cluster's other inhabitants. */

export const networkPolicy = group('Who may reach the pods, and whom they may.', {
  enabled: flag('Whether there is one.', false),
  ingress: kubernetesList(
    'Rules of ingress; empty for both ports, from everywhere: API servers have addresses that no selector knows.',
  ),
  egress: kubernetesList(
    'Rules of egress; empty for TCP 443, 6443 and `kubeApi.port`. Nothing but the API server is asked, not even DNS.',
  ),
})

export const apiPriorityAndFairness = group("The pods' place among the requests of API servers under load.", {
  enabled: flag(
    'Whether FlowSchemas put them into the levels `workload-high` and `leader-election`, as those of kube-system are.',
    false,
  ),
})

export const extraObjects = Type.Unsafe<(string | object)[]>({
  type: 'array',
  items: { type: ['string', 'object'] },
  description:
    'More objects of the release, each a mapping or text; expressions in them are rendered as templates.',
  default: [],
})

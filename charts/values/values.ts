import { Type } from 'typebox'
import { controller, kubelet, webhook } from './components.ts'
import { bootstrapGuard, guard, validatingAdmissionPolicy } from './guards.ts'
import { flag, group, oneOf, PORT, text, whole } from './kinds.ts'
import { metrics } from './monitoring.ts'
import { globalValues, image, imagePullSecrets, names } from './names.ts'
import { apiPriorityAndFairness, networkPolicy } from './network.ts'
import { pods, podsOfAll, probes, resourceQuota, rollout } from './pod.ts'
import { sources } from './sources.ts'
import { tls } from './tls.ts'

/**
 * Every value of the chart: its sentence, default and shape. `npm run docs` generates values.yaml, values.schema.json
 * and the table in the README of the chart from it.
 */

const extraObjects = Type.Unsafe<(string | object)[]>({
  type: 'array',
  items: { type: ['string', 'object'] },
  description: 'Additional objects, each a mapping or a string. They are rendered as templates.',
  default: [],
})

/** All values except the policy, which has its own schema. */
export const deploymentValues = {
  ...names,
  global: globalValues,
  image,
  imagePullSecrets,
  profile: oneOf(
    'Where the pods run: `cluster` (pod network), `controlPlane` (each control-plane node) or `hostNetwork`. With `controlPlane`, nothing else has to work yet: no pod network, no DNS. `hostNetwork` is for control planes that cannot reach the pod network.',
    ['cluster', 'controlPlane', 'hostNetwork'],
  ),
  webhook,
  guard,
  bootstrapGuard,
  validatingAdmissionPolicy,
  controller,
  sources,
  kubelet,
  tls,
  kubeApi: group('Address of the API server, where its Service does not work yet (before kube-proxy runs).', {
    host: text('Host name or address. Default: the Service. Its certificate must be valid for this name.'),
    port: whole('Port. Used only with `kubeApi.host`.', 6443, PORT),
  }),
  metrics,
  rbac: group('Permissions, with one role for each part.', {
    create: flag('Create roles and bindings.', true),
  }),
  ...podsOfAll,
  ...pods,
  ...probes,
  resourceQuota,
  ...rollout,
  networkPolicy,
  apiPriorityAndFairness,
  extraObjects,
}

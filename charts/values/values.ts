import { Type } from 'typebox'
import { controller, kubelet, webhook } from './components.ts'
import { bootstrapGuard, guard, validatingAdmissionPolicy } from './guards.ts'
import { flag, group, oneOf, PORT, strings, text, whole } from './kinds.ts'
import { metrics } from './monitoring.ts'
import { globalValues, image, imagePullSecrets, names } from './names.ts'
import { apiPriorityAndFairness, networkPolicy, service } from './network.ts'
import { pods, probes, rollout, scheduling } from './pod.ts'
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
  topology: oneOf(
    '`split`: webhook and controller run in pods of their own, and those that face the network can write nothing. `single`: each pod runs both.',
    ['split', 'single'],
  ),
  kind: oneOf(
    'Kind of workload: `Deployment`, or `DaemonSet` for one pod on each control-plane node. A DaemonSet with webhook and controller requires `topology: single`.',
    ['Deployment', 'DaemonSet'],
  ),
  webhook,
  guard,
  bootstrapGuard,
  validatingAdmissionPolicy,
  controller,
  service,
  sources,
  kubelet,
  tls,
  kubeApi: group('Address of the API server, where its Service does not work yet (before kube-proxy runs).', {
    host: text('Host name or address. Default: the Service. Its certificate must be valid for this name.'),
    port: whole('Port. Used only with `kubeApi.host`.', 6443, PORT),
  }),
  metrics,
  serviceAccount: group('Service accounts of the pods, one for each component.', {
    create: flag('Create the service accounts.', true),
    annotations: strings('Annotations of the service accounts.'),
  }),
  rbac: group('Permissions, with one role for each part.', {
    create: flag('Create roles and bindings.', true),
  }),
  ...pods,
  ...probes,
  ...scheduling,
  ...rollout,
  networkPolicy,
  apiPriorityAndFairness,
  extraObjects,
}

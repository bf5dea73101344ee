import { Type } from 'typebox'
import { configSchema } from '../../server/config.ts'
import { flag, group, oneOf } from './kinds.ts'

export const bootstrapGuard = group(
  'The bootstrap guard: a bootstrap token obtains no client certificate of a Node that exists. Without it, ' +
    'kube-controller-manager makes any holder of a token any node, a control-plane node included.',
  {
    enabled: flag('Register the bootstrap guard. Requires the webhook.', false),
    failurePolicy: oneOf(
      'What happens to the CSR of a joining node when no pod answers: `Ignore` admits it, `Fail` refuses it, and nodes cannot ' +
        'join meanwhile.',
      ['Ignore', 'Fail'],
    ),
  },
)

export const guard = group(
  'The guard: refuses approvals by anyone but the controller, `kubectl certificate approve` included, of kubelet-serving CSRs ' +
    'that the controller would not approve. Denials are always allowed.',
  {
    enabled: flag('Register the guard. Requires the webhook.', false),
    failurePolicy: oneOf(
      'What happens to an approval by hand when no pod answers: `Fail` refuses it, `Ignore` lets it through unchecked. The ' +
        "controller's approvals never depend on it.",
      ['Fail', 'Ignore'],
    ),
    breakGlassGroups: configSchema.properties.guard.properties.breakGlassGroups,
  },
)

const expression = Type.Object(
  {
    expression: Type.String({ description: 'CEL that is true of what is allowed.', minLength: 1 }),
    message: Type.String({ description: 'What a refusal says.', minLength: 1 }),
  },
  { additionalProperties: false },
)

export const validatingAdmissionPolicy = group(
  'A ValidatingAdmissionPolicy: the API server itself checks requester, metadata, usages, lifetime and size of kubelet-serving ' +
    'CSRs at creation, also while no pod runs.',
  {
    enabled: flag('Create the policy and its binding.', false),
    expressions: Type.Array(expression, {
      description:
        'Expressions of your own: `[{expression: …, message: …}]`. One that fails to evaluate refuses the CSR.',
      default: [],
    }),
  },
)

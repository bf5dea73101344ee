import { Type } from 'typebox'
import { configSchema } from '../../server/config.ts'
import { flag, group, oneOf } from './kinds.ts'

export const bootstrapGuard = group(
  'The bootstrap guard: refuses CSRs by which a bootstrap token would get the client certificate of an existing Node. Without it, ' +
    'kube-controller-manager makes any holder of a token any node, a control-plane node included.',
  {
    enabled: flag('Register the bootstrap guard. Requires the webhook.', false),
    failurePolicy: oneOf(
      'If no pod answers: `Ignore` admits the CSR of a joining node, `Fail` refuses it. With `Fail`, nodes cannot join meanwhile.',
      ['Ignore', 'Fail'],
    ),
  },
)

export const guard = group(
  'The guard refuses approvals by hand of kubelet-serving CSRs that the controller would not approve. Denials are always ' +
    'allowed, and so is what the controller approves.',
  {
    enabled: flag('Register the guard. Requires the webhook.', false),
    failurePolicy: oneOf(
      'If no pod answers: `Fail` refuses the approval, `Ignore` lets it through unchecked. The ' +
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
  'A ValidatingAdmissionPolicy: the API server itself checks CSRs at creation, also while no pod runs. It sees requester, ' +
    'metadata, usages, lifetime and size of the request, but not its names.',
  {
    enabled: flag('Create the policy and its binding.', false),
    expressions: Type.Array(expression, {
      description:
        'Expressions of your own: `[{expression: …, message: …}]`. An expression that cannot be evaluated refuses the CSR.',
      default: [],
    }),
  },
)

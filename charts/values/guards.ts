import { Type } from 'typebox'
import { flag, group, oneOf } from './kinds.ts'

const breakGlassGroups = Type.Array(
  Type.String({ description: 'A group.', minLength: 1, maxLength: 128, pattern: '^[^,]+$' }),
  {
    description:
      'Groups whose members may approve any CSR, with a warning and the reason in the audit log. Whoever may impersonate ' +
      'such a group is a member. Default: none.',
    default: [],
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
    breakGlassGroups,
  },
)

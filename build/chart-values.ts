import { Type } from 'typebox'
import { defaultSettings } from '../policies/settings.ts'
import { deploymentValues } from './values.ts'

/** All that `helm install --set` takes, closed: a misspelt value is refused by name. */
export const chartValues = Type.Object(
  {
    ...deploymentValues,
    policy: Type.Unsafe<object>({
      type: 'object',
      description: 'The policy.',
      default: defaultSettings,
    }),
  },
  { additionalProperties: false },
)

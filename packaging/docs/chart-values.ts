import { type TObject, type TSchema, Type } from 'typebox'
import { defaultSettings } from '../../policies/settings.ts'
import { policySchema } from '../../server/policy/schema.ts'
import { deploymentValues } from '../../charts/values/values.ts'

/** All that `helm install --set` takes, closed: a misspelt value is refused by name. */
export const chartValues: TObject = Type.Object(
  { ...deploymentValues, policy: withDefaults(policySchema, defaultSettings) },
  { additionalProperties: false },
)

/** The policy file's schema, which knows no defaults, with those that the product has. */
function withDefaults(schema: TSchema, values: unknown): TSchema {
  if (!('properties' in schema)) return { ...schema, default: values }
  const properties = Object.entries(Object(schema.properties)).map(([name, inner]) => [
    name,
    withDefaults(Object(inner), Reflect.get(Object(values), name)),
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}

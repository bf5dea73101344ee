import { type TObject, type TSchema, Type } from 'typebox'
import { defaultSettings } from '../../policies/settings.ts'
import { policySchema } from '../../server/policy/schema.ts'
import { deploymentValues } from '../../charts/values/values.ts'

/** Every value of `helm install --set`. The schema is closed, so that a misspelt value is refused by name. */
export const chartValues: TObject = Type.Object(
  { ...deploymentValues, policy: withDefaults(policySchema, defaultSettings) },
  { additionalProperties: false },
)

/** The schema of the policy file has no defaults; this adds those of the product. */
function withDefaults(schema: TSchema, values: unknown): TSchema {
  if (!('properties' in schema)) return { ...schema, default: values }
  const properties = Object.entries(Object(schema.properties)).map(([name, inner]) => [
    name,
    withDefaults(Object(inner), Reflect.get(Object(values), name)),
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}

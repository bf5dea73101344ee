import { type TObject, type TSchema, Type } from 'typebox'
import { defaultSettings } from '../../policies/settings.ts'
import { policySchema } from '../../server/policy/schema.ts'
import { deploymentValues } from '../../charts/values/values.ts'

/** All values of the chart. The schema is closed, so that Helm refuses a misspelt value by name. */
export const chartValues: TObject = Type.Object(
  { ...deploymentValues, policy: withDefaults(policySchema, defaultSettings) },
  { additionalProperties: false },
)

/** Adds the defaults of the product to the schema of the policy file, which has none. */
function withDefaults(schema: TSchema, values: unknown): TSchema {
  if (!('properties' in schema)) return { ...schema, default: values }
  const properties = Object.entries(Object(schema.properties)).map(([name, inner]) => [
    name,
    withDefaults(Object(inner), Reflect.get(Object(values), name)),
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}

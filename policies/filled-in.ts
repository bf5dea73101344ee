import type { Static, TSchema } from 'typebox'

/** The content with the default of each setting that is absent. What is optional stays absent, and what does not fit stays as it is. */
export function filledIn(schema: TSchema, content: unknown): unknown {
  if (content === undefined && 'default' in schema) return structuredClone(schema.default)
  if ('items' in schema && Array.isArray(content))
    return content.map((entry: unknown) => filledIn(Object(schema.items), entry))
  if (!('properties' in schema) || !(content === undefined || isMap(content))) return content
  const required = new Set('required' in schema ? Object(schema.required) : [])
  const fields = Object.entries<TSchema>(Object(schema.properties))
    .map(([name, inner]) => [name, inner, content?.[name]] as const)
    .filter(([name, , value]) => value !== undefined || required.has(name))
    .map(([name, inner, value]) => [name, filledIn(inner, value)] as const)
  return { ...content, ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)) }
}

/** The content of an empty file, if every setting that it needs has a default. */
export function defaultsOf<Schema extends TSchema>(schema: Schema): Static<Schema> {
  return JSON.parse(JSON.stringify(filledIn(schema, {})))
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

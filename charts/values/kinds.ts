import { type TObject, type TProperties, type TSchema, Type } from 'typebox'

/** Kinds of values. Each takes a sentence, which describes the value, and a default. */

/** An object that Kubernetes validates: the chart passes it on unchanged. */
export const kubernetesObject = (description: string, value: object = {}): TSchema =>
  Type.Unsafe<object>({ type: 'object', description, default: value })
export const kubernetesList = (description: string, value: readonly object[] = []): TSchema =>
  Type.Unsafe<object[]>({ type: 'array', items: { type: 'object' }, description, default: value })
/** What the chart decides where the value is null. */
export const orNull = (schema: TSchema): TSchema => {
  const types: unknown[] = [Reflect.get(schema, 'type')].flat()
  return Type.Unsafe<unknown>({ ...schema, type: [...new Set([...types, 'null'])], default: null })
}
/** A list of texts. */
export const texts = (description: string, rules: { readonly pattern?: string } = {}): TSchema =>
  Type.Array(Type.String(rules), { description, default: [] })
export const text = (description: string, value = '', rules: object = {}): TSchema =>
  Type.String({ description, default: value, ...rules })
export const flag = (description: string, value: boolean): TSchema =>
  Type.Boolean({ description, default: value })
export const whole = (
  description: string,
  value: number,
  [minimum, maximum]: readonly [number, number],
): TSchema => Type.Integer({ description, default: value, minimum, maximum })
export const oneOf = (description: string, [value, ...rest]: readonly [string, ...string[]]): TSchema =>
  Type.Unsafe<string>({ type: 'string', enum: [value, ...rest], description, default: value })
/** A Go duration in whole hours, so that templates can compare two of them. */
export const hours = (description: string, value: string): TSchema =>
  Type.String({ description, default: value, pattern: '^[1-9][0-9]{0,5}h$' })
export const strings = (description: string): TSchema =>
  Type.Record(Type.String(), Type.String(), { description, default: {} })
export const group = (description: string, properties: TProperties): TObject =>
  Type.Object(properties, { description, additionalProperties: false })
/** A group with the sentence of a group of the config file. */
export const groupLike = (schema: TSchema, properties: TProperties): TObject =>
  group(String(Reflect.get(schema, 'description')), properties)

/** An address with a prefix length. Kubernetes checks the rest. */
export const CIDR = { pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' } as const
export const PORT = [1, 65_535] as const
/** Empty, or a valid name of a Kubernetes object (RFC 1123 subdomain). */
export const OBJECT_NAME = { pattern: '^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', maxLength: 253 }

/** What the schemas of the suite are made of. */
import { type TProperties, Type } from 'typebox'

/** Raised by a change that an earlier reader would misunderstand. */
const VERSION = 1
export const version = Type.Literal(VERSION, { description: 'Of this schema.' })

/** No other fields: what is misspelt is not silently a default. */
export const closed = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false })
export const text = (description: string) => Type.String({ description })
export const texts = (description: string) => Type.Array(Type.String(), { description })
export const flag = (description: string) => Type.Optional(Type.Literal(true, { description }))
/** One of these words. */
export const oneOf = <Word extends string>(words: readonly Word[], description = '') =>
  Type.Unsafe<Word>({ type: 'string', enum: words, ...(description !== '' && { description }) })

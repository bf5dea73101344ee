import { textAt } from '../json.ts'
import type { JsonObject } from '../ports.ts'

/** The base64 under `key` as text; empty when there is none, or one of more than `maxCharacters`. */
export function decodedOf(from: JsonObject, key: string, maxCharacters: number): string {
  const value = textAt(from, key)
  return value.length <= maxCharacters ? Buffer.from(value, 'base64').toString() : ''
}

export function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** A setting as its program reads it: numbers and booleans as they are written, all else that is no string as empty. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

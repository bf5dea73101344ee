/** JSON as Go's encoding/json writes it: `<`, `>`, `&` and two line separators are escaped, six bytes each. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Whether one resourceVersion of an object precedes another; false where they cannot be compared (KEP-5504). */
export function isOlder(one: string, other: string): boolean {
  if (!/^\d+$/u.test(one) || !/^\d+$/u.test(other)) return false
  return one.length === other.length ? one < other : one.length < other.length
}

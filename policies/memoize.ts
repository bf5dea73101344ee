/** Reads something off an object only once. For objects that do not change, such as requests, which are frozen. */
export function memoize<Key extends object, T extends object>(read: (key: Key) => T): (key: Key) => T {
  const known = new WeakMap<Key, T>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    const result = read(key)
    known.set(key, result)
    return result
  }
}

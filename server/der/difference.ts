/** Where two texts begin to differ; the length of the shorter where one starts with the other. */
export function firstDifference(left: string, right: string): number {
  let index = 0
  while (index < left.length && left[index] === right[index]) index += 1
  return index
}

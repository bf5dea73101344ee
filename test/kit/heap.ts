import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Bytes of heap in use, without garbage. */
export function heapInUse(): number {
  if (typeof collect !== 'function') throw new Error('there is no gc()')
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

import { InvalidArgumentError } from 'commander'
import { readBy } from '../command.ts'
import { nameOrAddress } from '../values.ts'

/** As many as the controller reads of one annotation of a release. */
const VALUES_MAX = 100

/** Reads the arguments NAME|ADDRESS... one by one. */
export function addValue(text: string, before: readonly string[] = []): readonly string[] {
  if (before.length >= VALUES_MAX) throw new InvalidArgumentError(`At most ${VALUES_MAX} are read.`)
  return [...before, readBy(nameOrAddress)(text)]
}

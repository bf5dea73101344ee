/** The sequences as they are on disk. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAddress } from '../../../policies/address.ts'
import type { Settings } from '../../../policies/settings.ts'
import type { Vouched } from '../../../policies/types.ts'
import type { Asked } from '../../../server/ports.ts'
import type { MatrixFile, Sequence, SequencesFile } from './schema.ts'
import type { Circumstances } from './world.ts'

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'))
const sequencesIn = (name: string): readonly Sequence[] => {
  const file: SequencesFile = read(name)
  return file.sequences
}

export const honest = sequencesIn('honest.json')
export const named = sequencesIn('named.json')
export const matrixFile: MatrixFile = read('matrix.json')

/** The policy's sources, and what they say. */
export function circumstancesOf({ sources }: Sequence): Pick<Circumstances, 'settings' | 'says'> {
  if (sources === undefined) return {}
  const { inventory, onAddition = 'allow' as const } = sources
  const settings = { sources: ['inventory'], onAddition } satisfies Partial<Settings>
  if ('fails' in inventory)
    return {
      settings,
      says: () => [{ source: 'inventory', vouches: { known: false, because: inventory.fails } }],
    }
  return { settings, says: (asked) => [vouchedBy(inventory, asked)] }
}

function vouchedBy(
  { vouches, shared }: { readonly vouches: 'asked' | readonly string[]; readonly shared?: true | undefined },
  asked: Asked,
): Vouched {
  const addresses =
    vouches === 'asked' ? asked.addresses : vouches.flatMap((text) => parseAddress(text) ?? [])
  const value = { names: [asked.node.name], addresses, says: 'the inventory' }
  return {
    source: 'inventory',
    vouches: { known: true, value: shared ? { ...value, shared: addresses } : value },
  }
}

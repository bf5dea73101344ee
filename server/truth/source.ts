import type { SourceKind } from '../../policies/settings.ts'
import type { Known, Vouching } from '../../policies/types.ts'
import type { Asked, Truth } from '../ports.ts'

/** One source of truth. */
export interface Source {
  readonly kind: SourceKind
  /** What it vouches for, of what is asked. Answers from memory. */
  vouch(asked: Asked): Known<Vouching>
  /** For a source that is asked over the network. Resolves within seconds to whether it may say something else now. Never rejects. */
  ask?(asked: Asked): Promise<boolean>
}

/** Asks all sources that are configured. */
export function createTruth(sources: readonly Source[]): Truth {
  return {
    vouched: (asked) => sources.map((source) => ({ source: source.kind, vouches: source.vouch(asked) })),
    async ask(asked) {
      const answers = await Promise.all(sources.map(async (source) => (await source.ask?.(asked)) ?? false))
      return answers.includes(true)
    },
  }
}

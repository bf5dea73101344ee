import type { Output } from '../context.ts'

/** How a piece of text is meant. */
export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'strong'

/** ECMA-48 select graphic rendition. */
const CODES: Readonly<Record<Tone, number>> = { good: 32, bad: 31, warning: 33, faint: 2, strong: 1 }

/** The text in the colour of its tone, if the output shows colours. */
export function styled(text: string, tone: Tone | undefined, { colour }: Pick<Output, 'colour'>): string {
  return tone === undefined || !colour || text === '' ? text : `\u001b[${CODES[tone]}m${text}\u001b[0m`
}

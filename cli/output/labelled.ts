import { oneLine } from '../../policies/text.ts'
import type { Output } from '../context.ts'
import { styled, type Tone } from './style.ts'

/** The longest label, and a gap. */
export const INDENT = 12
/** Longest text. No message of ours is longer. */
const TEXT_MAX = 1_124
/** A line of prose is never narrower than this. */
const WIDTH_MIN = 40

/** A label, and its text; the tone is that of the first word. */
export type Labelled = readonly [label: string, text: string, tone?: Tone]

/** `label       text`: printable ASCII, on a terminal wrapped between words below itself. */
export function labelled([label, text, tone]: Labelled, output: Output): string {
  const { columns } = output
  const lines = wrapped(
    oneLine(text, TEXT_MAX),
    columns === null ? Infinity : Math.max(columns - INDENT, WIDTH_MIN),
  )
  const [first = '', ...rest] = lines
  const [word = '', ...words] = first.split(' ')
  const shown = [[styled(word, tone, output), ...words].join(' '), ...rest]
  return shown.map((line, index) => `${(index === 0 ? label : '').padEnd(INDENT)}${line}\n`).join('')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width) line = longer
    else {
      if (line !== '') lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

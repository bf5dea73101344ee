import { oneLine } from '../../policies/text.ts'
import type { Output } from '../context.ts'

/** One line on stderr that says what is under way. Without a terminal it says nothing. */
export interface Progress {
  readonly show: (text: string) => Promise<void>
  /** Removes the line, before anything else is written. */
  readonly clear: () => Promise<void>
}

const RETURN_AND_ERASE = '\r\u001b[2K'

export function progressOn({ columns, write }: Output): Progress {
  if (columns === null) return { show: async () => undefined, clear: async () => undefined }
  return {
    // A line that wraps could not be erased.
    show: (text) => write(RETURN_AND_ERASE + oneLine(text, Math.max(columns - 1, 20))),
    clear: () => write(RETURN_AND_ERASE),
  }
}

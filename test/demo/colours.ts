type Paint = (text: string) => string

interface Colours {
  readonly bold: Paint
  readonly faint: Paint
  readonly good: Paint
  readonly bad: Paint
}

/** ANSI SGR on a terminal, nothing elsewhere. */
export function colours(terminal: boolean): Colours {
  const paint = (code: number): Paint =>
    terminal ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text
  return { bold: paint(1), faint: paint(2), good: paint(32), bad: paint(31) }
}

/** A table in Markdown. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** A section for each name, whose heading is the anchor that messages and alerts link to: `#addressnotofnode`. */
export function entry(level: number, name: string, ...paragraphs: readonly string[]): string {
  return [`${'#'.repeat(level)} ${code(name)}`, ...paragraphs].join('\n')
}

/** A sentence of the code in Markdown: what it has in angle brackets is no HTML. */
export const prose = (text: string): string => text.replaceAll('<', String.raw`\<`)

export const code = (text: string): string => `\`${text}\``

/** The text with this table between the markers of its name; the prose around them is written by hand. */
export function withTable(text: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name}: made by npm run docs -->`, `<!-- end of ${name} -->`]
  const [before, rest] = text.split(start)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`no ${start} … ${end}`)
  return `${before}${start}\n${table}\n${end}${after}`
}

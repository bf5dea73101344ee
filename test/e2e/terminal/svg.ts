/** A picture of what a terminal shows: lines of text with the colours of ECMA-48 SGR, as one SVG without scripts or fonts. */

interface Look {
  readonly colour: string | null
  readonly faint: boolean
  readonly strong: boolean
}

interface Run extends Look {
  readonly text: string
}

const PLAIN: Look = { colour: null, faint: false, strong: false }
/** Legible on BACKGROUND: contrast of 4.5 at least. */
const COLOURS: Readonly<Record<number, string>> = { 31: '#ff7b72', 32: '#56d364', 33: '#e3b341' }
const BACKGROUND = '#0d1117'
const FOREGROUND = '#e6edf3'
const PROMPT = '#79c0ff'

/** Of a monospace font of 13 px: its advance is 0.6 em in all common ones, and textLength holds the others to it. */
const [FONT, ADVANCE, LINE, MARGIN] = [13, 7.8, 18, 14]

/** @param command as it was typed; @param output with escape sequences; @param columns at which the terminal wraps a line */
export function terminalSvg(command: string, output: string, columns: number): string {
  const lines = output
    .replaceAll('\r', '')
    .trimEnd()
    .split('\n')
    .flatMap((line) => wrapped(runsIn(line), columns))
  const all: readonly (readonly Run[])[] = [[{ ...PLAIN, colour: PROMPT, text: `$ ${command}` }], ...lines]
  const width = Math.ceil(columns * ADVANCE + 2 * MARGIN)
  const height = all.length * LINE + 2 * MARGIN
  const attributes = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${attributes} aria-label="${escaped(`Output of ${command}`)}">`,
    `<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${FONT}" fill="${FOREGROUND}">`,
    ...all.flatMap((runs, index) => (runs.length === 0 ? [] : [lineSvg(runs, MARGIN + index * LINE + FONT)])),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

function wrapped(runs: readonly Run[], columns: number): readonly (readonly Run[])[] {
  const lines: Run[][] = [[]]
  let left = columns
  for (const { text, ...look } of runs) {
    for (let at = 0; at < text.length; ) {
      if (left === 0) {
        left = columns
        lines.push([])
      }
      const part = text.slice(at, at + left)
      lines.at(-1)?.push({ ...look, text: part })
      at += part.length
      left -= part.length
    }
  }
  return lines
}

const lengthOf = (runs: readonly Run[]): number => runs.reduce((sum, { text }) => sum + text.length, 0)

function lineSvg(runs: readonly Run[], y: number): string {
  const length = (lengthOf(runs) * ADVANCE).toFixed(1)
  return `<text x="${MARGIN}" y="${y}" textLength="${length}">${runs.map(runSvg).join('')}</text>`
}

function runSvg({ text, colour, faint, strong }: Run): string {
  const look = [
    colour === null ? '' : ` fill="${colour}"`,
    faint ? ' opacity=".65"' : '',
    strong ? ' font-weight="bold"' : '',
  ].join('')
  const kept = escaped(text).replaceAll(' ', '\u00a0') // renderers join other spaces
  return look === '' ? kept : `<tspan${look}>${kept}</tspan>`
}

/** Splits a line at its escape sequences. Each ends what the one before began, as 0 does. */
function runsIn(line: string): readonly Run[] {
  const runs: Run[] = []
  let look = PLAIN
  // oxlint-disable-next-line no-control-regex -- ESC begins a sequence
  for (const [, sequence, text = ''] of line.matchAll(/\u001b\[([\d;]*)[A-Za-z]|([^\u001b]+)/gu)) {
    if (sequence !== undefined) look = lookOf(sequence.split(';').map(Number))
    else if (text !== '') runs.push({ ...look, text })
  }
  return runs
}

function lookOf(codes: readonly number[]): Look {
  const colour = codes.map((code) => COLOURS[code]).find((found) => found !== undefined) ?? null
  return { colour, faint: codes.includes(2), strong: codes.includes(1) }
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

import { fencesOf } from './fences.ts'

/** A command as a page has it: its words, without quotes. */
export interface Command {
  readonly line: number
  readonly words: readonly string[]
}

/** The language of blocks whose lines are commands. In `console`, only lines after `$ ` are. Others have none. */
const SHELL = 'sh'

/** Programs that are checked, and so are found between backticks, too. */
const CHECKED = /^(?:kubelet-csr-gate|helm|kubectl|npm|npx)$/u

/** Every command of a page: those of its blocks, and those in prose that call a checked program with an argument. */
export function commandsIn(text: string): readonly Command[] {
  const inBlocks = fencesOf(text).flatMap(({ language, line, text: block }) => {
    if (language === 'console') return linesOf(block, line).flatMap(afterPrompt)
    return language === SHELL ? linesOf(block, line).flatMap(simpleCommands) : []
  })
  const inProse = text
    .replaceAll(/^ *```[^]*?^ *```$/gmu, (block) => block.replaceAll(/[^\n]/gu, ''))
    .split('\n')
    .flatMap((row, index) => codesOf(row).map((code) => ({ line: index + 1, text: code })))
    .flatMap(simpleCommands)
    .filter((command) => isChecked(command) && command.words.length > 1)
  return [...inBlocks, ...inProse]
}

/** What stands between backticks, up to a comma: from there on it is prose. */
const codesOf = (row: string): readonly string[] =>
  [...row.matchAll(/`([^`]+)`/gu)].map(([, code = '']) => code.replace(/, .*$/u, ''))

const isChecked = ({ words: [program = ''] }: Command): boolean => CHECKED.test(program)

interface Line {
  readonly line: number
  readonly text: string
}

/** The lines of a block; one that ends with a backslash goes on in the next. */
function linesOf(block: string, first: number): readonly Line[] {
  const lines: Line[] = []
  let open: Line | null = null
  for (const [index, row] of block.split('\n').entries()) {
    const joined: Line =
      open === null ? { line: first + index, text: row } : { ...open, text: `${open.text} ${row}` }
    open = isUnfinished(joined.text) ? { ...joined, text: joined.text.replace(/\\$/u, '') } : null
    if (open === null) lines.push(joined)
  }
  return open === null ? lines : [...lines, open]
}

/** A backslash at the end, or a quote that is not closed yet. */
const isUnfinished = (text: string): boolean =>
  text.endsWith('\\') || /['"]/u.test(text.replaceAll(/'[^']*'|"[^"]*"/gu, '').replace(/(?:^|\s)#.*$/u, ''))

const afterPrompt = ({ line, text }: Line): readonly Command[] =>
  text.startsWith('$ ') ? simpleCommands({ line, text: text.slice(2) }) : []

const TOKEN =
  /\s+|#.*$|(\|\||&&|[|;()]|\$\(|<\(|[<>]+&?)|((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\|;()<>&$]|\$(?!\()|&(?!&))+)/gmu

/** The simple commands of a line: what stands between pipes, semicolons and parentheses. */
function simpleCommands({ line, text }: Line): readonly Command[] {
  const commands: string[][] = [[]]
  let isFile = false
  for (const [, operator, word] of text.matchAll(TOKEN)) {
    if (operator !== undefined) {
      isFile = /^[<>]/u.test(operator) && operator !== '<('
      if (!isFile) commands.push([])
    } else if (word !== undefined) {
      if (!isFile) commands.at(-1)?.push(word.replaceAll(/'([^']*)'|"([^"]*)"/gu, '$1$2'))
      isFile = false
    }
  }
  return commands
    .map((words) => ({ line, words: programFirst(words) }))
    .filter(({ words }) => words.length > 0)
}

/** Without what stands before a program: `do`, `sudo`, and settings of variables. */
function programFirst(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !/^(?:do|then|else|sudo|[A-Za-z_]+=.*)$/u.test(word))
  const rest = first === -1 ? [] : words.slice(first)
  return rest[0] === 'kubectl' && rest[1] === 'csr-gate' ? ['kubelet-csr-gate', ...rest.slice(2)] : rest
}

/** A fenced block of a page. */
export interface Fence {
  /** Line of the page on which its content begins, from 1. */
  readonly line: number
  readonly language: string
  /** Without the indentation of the fence. */
  readonly text: string
}

/** Every fenced block of a Markdown text, those in lists too. */
export function fencesOf(text: string): readonly Fence[] {
  const blocks = text.matchAll(/^( *)```([a-z]*)\n([^]*?)^\1```$/gmu)
  return [...blocks].map(({ index, 1: indent = '', 2: language = '', 3: content = '' }) => ({
    line: text.slice(0, index).split('\n').length + 1,
    language,
    text: content.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''),
  }))
}

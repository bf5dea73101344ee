import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const readPage = async (name: string) =>
  await readFile(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8')
const [preface = '', ...parts] = (await readPage('runbooks.md')).split(/^## /mu)
const onCall = await readPage('on-call.md')
const chapters = new Map(parts.map((part) => [part.split('\n')[0] ?? '', part.replaceAll(/\s+/gu, ' ')]))

/** The chapter of an alert, its white space as single spaces. */
function chapterOf(alert: string): string {
  const chapter = chapters.get(alert)
  if (chapter === undefined) throw new Error(`docs/runbooks.md has no chapter ${alert}`)
  return chapter
}

/** The chapter of an alert, and those that it refers to. */
function passagesOf(alert: string): readonly string[] {
  const chapter = chapterOf(alert)
  const referred = [...chapter.matchAll(/As for \[(\w+)\]/gu)].map(([, other = '']) => chapterOf(other))
  return [chapter, ...referred]
}

/** The arguments of a command of kubectl, which the chapter of the alert, one that it refers to, the preface, or on-call.md has. */
export function commandIn(alert: string, command: string): readonly string[] {
  if (![...passagesOf(alert), preface, onCall].some((place) => place.includes(command)))
    throw new Error(`the runbook of ${alert} does not have: ${command}`)
  // as a shell reads it: the quotes are no part of an argument
  return command
    .split(' ')
    .slice(1)
    .map((argument) => argument.replaceAll("'", ''))
}

/** Rejects unless the chapter of the alert, or one that it refers to, says this. */
export function says(alert: string, words: string): void {
  if (!passagesOf(alert).some((place) => place.includes(words)))
    throw new Error(`the runbook of ${alert} does not say: ${words}`)
}

/** Whoever names an object chooses its characters: in a command that people paste, they must stay one word. */
export function shellWord(text: string): string {
  return /^[\w.:/][\w.:/-]*$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

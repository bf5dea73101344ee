/** Whoever names an object chooses its characters: in a command that people paste, they must stay one word. */
export function shellWord(text: string): string {
  return /^[\w.:/][\w.:/-]*$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** That approve one CSR without a look. With its node: another node may take the name of a CSR that is gone. */
export function unprovenFlags(node: string, csr: string): string {
  return `--node ${shellWord(node)} --unproven ${shellWord(csr)}`
}

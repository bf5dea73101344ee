import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const text = await readFile(join(import.meta.dirname, '..', 'docs', 'sources.md'), 'utf8')

/** The YAML examples of docs/sources.md that begin with this file's name. */
export function examples(file: string): readonly string[] {
  const blocks = [...text.matchAll(/^```yaml\n# ([\w.]+)\n([^]*?)^```$/gmu)]
  return blocks.filter(([, name]) => name === file).map(([, , content = '']) => content)
}

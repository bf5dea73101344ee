import { asciiJson } from '../../policies/text.ts'
import type { Output } from '../context.ts'

/** The formats of results. */
export type Format = 'table' | 'wide' | 'json' | 'yaml' | 'name'

/** A result: as plain JSON with the shape that docs/cli.md lists, and as text for people. */
export interface Result {
  readonly json: object
  readonly text: (output: Output, wide: boolean) => string
  /** What it is about, as `kind/name`. Only commands that take `-o name` have it. */
  readonly names?: readonly string[]
}

/** Writes a result. JSON and YAML are never cut, and contain only printable ASCII: what others wrote is escaped. */
export async function writeResult(
  { json, text, names }: Result,
  format: Format,
  output: Output,
): Promise<void> {
  if (format === 'table' || format === 'wide') return await output.write(text(output, format === 'wide'))
  if (format !== 'name') return await output.write(await serialized(json, format))
  await output.write((names ?? []).map((name) => `${asciiJson(name)}\n`).join(''))
}

async function serialized(json: object, format: 'json' | 'yaml'): Promise<string> {
  return format === 'json' ? `${asciiJson(JSON.stringify(json, null, 2))}\n` : await asYaml(json)
}

/** A string with other characters is written in double quotes, where \uXXXX is an escape in YAML, too. */
async function asYaml(json: object): Promise<string> {
  const { Document, visit } = await import('yaml')
  const document = new Document(json, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && /[^\x20-\x7e]/u.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    },
  })
  return asciiJson(document.toString({ lineWidth: 0 }))
}

import { Command } from 'commander'
import { open } from 'node:fs/promises'
import type { Fault, ParsedRequest } from '../policies/types.ts'
import { type FormatOptions, showsExamples, takesFormat } from './command.ts'
import type { Context } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { writeResult } from './output/format.ts'
import { readAll, readFileContent, readLine, readLines, tooLong } from './parse/input.ts'
import { resultOf } from './parse/result.ts'
import { describe } from './parse/text.ts'

/** Where the command reads and writes. */
type ParseIo = Pick<Context, 'stdin' | 'stdout'>

interface Options extends FormatOptions {
  readonly jsonl: boolean
}

/** Result lines per write. */
const BATCH = 256

/**
 * `parse [FILE…|-]`: shows the content of a request, or the fault with its offset. The exit code is 0 if every request
 * has the shape of a kubelet's request, else 1.
 */
export function parseCommand(context: Context): Command {
  const command = takesFormat(new Command('parse'))
    .summary('show the content of a request, or why it cannot be read')
    .description(
      'Reads PKCS#10 requests as the webhook and the controller do. Accepts PEM, DER, and base64 of either, as in spec.request.',
    )
    .argument('[FILE...]', 'files to read, - for standard input', ['-'])
    .option(
      '--jsonl',
      'read one request per line (base64 of PEM or DER), write one JSON object per line',
      false,
    )
    .action(async (files: readonly string[], options: Options) => {
      const allOk = options.jsonl
        ? await parseLines(files, context)
        : await parseWhole(files, options, context)
      context.finish(allOk ? EXIT.ok : EXIT.finding)
    })
  return showsExamples(command, context.program, [
    ['Show the request of a file', 'parse kubelet-server.csr'],
    ['Show the request of a CSR in the cluster, given base64 on standard input', 'parse -'],
  ])
}

interface Source extends AsyncDisposable {
  readonly stream: AsyncIterable<Uint8Array>
}

async function sourceOf(file: string, io: ParseIo): Promise<Source> {
  if (file === '-') return { stream: io.stdin, [Symbol.asyncDispose]: async () => {} }
  const opened = await open(file)
  return { stream: opened.createReadStream(), [Symbol.asyncDispose]: () => opened.close() }
}

async function parseWhole(files: readonly string[], { output }: Options, io: ParseIo): Promise<boolean> {
  const requests: { readonly file: string; readonly read: ParsedRequest | Fault }[] = []
  for (const file of files) {
    await using source = await sourceOf(file, io)
    const content = await readAll(source.stream)
    requests.push({ file, read: content === null ? tooLong() : readFileContent(content) })
  }
  const results = requests.map(({ file, read }) => ({ file, ...resultOf(read) }))
  const text = (): string =>
    requests.map(({ file, read }) => `${file === '-' ? '' : `${file}\n`}${describe(read)}`).join('')
  await writeResult({ json: { requests: results }, text }, output, io.stdout)
  return results.every(({ ok }) => ok)
}

async function parseLines(files: readonly string[], io: ParseIo): Promise<boolean> {
  let allOk = true
  for (const file of files) {
    await using source = await sourceOf(file, io)
    if (!(await parseLinesOf(source.stream, io))) allOk = false
  }
  return allOk
}

async function parseLinesOf(stream: AsyncIterable<Uint8Array>, io: ParseIo): Promise<boolean> {
  let allOk = true
  let batch: string[] = []
  for await (const line of readLines(stream)) {
    const read: ParsedRequest | Fault = line === null ? tooLong() : readLine(line)
    const result = resultOf(read)
    allOk &&= result.ok
    batch.push(JSON.stringify(result))
    if (batch.length < BATCH) continue
    await io.stdout.write(`${batch.join('\n')}\n`)
    batch = []
  }
  if (batch.length > 0) await io.stdout.write(`${batch.join('\n')}\n`)
  return allOk
}

import { Command, Option } from 'commander'
import { open } from 'node:fs/promises'
import type { Fault, ParsedRequest } from '../policies/types.ts'
import { readAll, readFileContent, readLine, readLines, tooLong } from './parse/input.ts'
import { resultOf } from './parse/result.ts'
import { describe } from './parse/text.ts'

/** Where the command reads and writes. `finish` receives the exit code. */
export interface ParseIo {
  readonly stdin: AsyncIterable<Uint8Array>
  readonly write: (text: string) => Promise<void>
  readonly finish: (exitCode: number) => void
}

interface Options {
  readonly output: 'text' | 'json'
  readonly jsonl: boolean
}

/** Result lines per write. */
const BATCH = 256

/**
 * `parse [FILE…|-]`: shows the content of a request, or the fault with its offset. The exit code is 0 if every request
 * has the shape of a kubelet's request, else 1.
 */
export function parseCommand(io: ParseIo): Command {
  return new Command('parse')
    .summary('show the content of a request, or why it cannot be read')
    .description(
      'Reads PKCS#10 requests as the webhook and the controller do. Accepts PEM, DER, and base64 of either, as in spec.request.\n' +
        'Example: kubectl get csr NAME -o jsonpath={.spec.request} | kubelet-csr-gate parse',
    )
    .argument('[FILE...]', 'files to read, - for standard input', ['-'])
    .addOption(
      new Option('--output <format>', 'text, or one JSON object per request')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option(
      '--jsonl',
      'read one request per line (base64 of PEM or DER), write one JSON object per line',
      false,
    )
    .action(async (files: readonly string[], options: Options) => {
      let allOk = true
      for (const file of files) {
        await using source = await sourceOf(file, io)
        const ok = options.jsonl
          ? await parseLines(source.stream, io)
          : await parseOne(file, source.stream, options, io)
        allOk &&= ok
      }
      io.finish(allOk ? 0 : 1)
    })
}

interface Source extends AsyncDisposable {
  readonly stream: AsyncIterable<Uint8Array>
}

async function sourceOf(file: string, io: ParseIo): Promise<Source> {
  if (file === '-') return { stream: io.stdin, [Symbol.asyncDispose]: async () => {} }
  const opened = await open(file)
  return { stream: opened.createReadStream(), [Symbol.asyncDispose]: () => opened.close() }
}

async function parseOne(
  file: string,
  stream: AsyncIterable<Uint8Array>,
  { output }: Options,
  io: ParseIo,
): Promise<boolean> {
  const content = await readAll(stream)
  const read = content === null ? tooLong() : readFileContent(content)
  const result = resultOf(read)
  await io.write(
    output === 'json' ? `${JSON.stringify(result)}\n` : `${file === '-' ? '' : `${file}\n`}${describe(read)}`,
  )
  return result.ok
}

async function parseLines(stream: AsyncIterable<Uint8Array>, io: ParseIo): Promise<boolean> {
  let allOk = true
  let batch: string[] = []
  for await (const line of readLines(stream)) {
    const read: ParsedRequest | Fault = line === null ? tooLong() : readLine(line)
    const result = resultOf(read)
    allOk &&= result.ok
    batch.push(JSON.stringify(result))
    if (batch.length < BATCH) continue
    await io.write(`${batch.join('\n')}\n`)
    batch = []
  }
  if (batch.length > 0) await io.write(`${batch.join('\n')}\n`)
  return allOk
}

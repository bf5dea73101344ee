import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildGoProgram } from '../kit/go-program.ts'
import { ORACLE, Oracle } from '../oracle/oracle.ts'
import { hostileCases, requestOf } from '../attacks/requests/index.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { corpusFolder, corpusText } from '../corpus/file.ts'
import { readArguments } from '../kit/command-line.ts'

/** Larger requests are built where they are needed, not kept. */
const KEPT_MAX = 12_000

const print = (line: string): void => void process.stderr.write(`${line}\n`)

const HELP = `
npx node test/lab/corpus.ts

Writes each hostile request of test/attacks/requests that is not in test/corpus/requests yet. What is there stays.
`

async function main(): Promise<number> {
  readArguments(HELP, {})
  const built = await buildGoProgram(ORACLE, print)
  if (!built.ok) {
    print(built.because)
    return 2
  }
  await using oracle = new Oracle(built.path)
  const honest = { title: 'honest', source: 'a stock kubelet', request: buildRequest().request }
  const hostile = hostileCases.map((one) => ({
    title: fileName(one.title, one.source),
    source: one.source ?? 'by hand',
    request: requestOf(one),
  }))
  for (const { title, source, request } of [honest, ...hostile]) {
    const path = join(corpusFolder, `${title}.txt`)
    if (existsSync(path) || request.length > KEPT_MAX) continue
    const { apiServer } = await oracle.judge(request)
    await writeFile(path, corpusText({ title, source, request, isAcceptedByKubernetes: apiServer === '' }))
    print(`kept ${title}`)
  }
  return 0
}

/** What is known by a CVE is found by it. */
const fileName = (title: string, source = ''): string => {
  const cve = /CVE-\d+-\d+/u.exec(source)?.[0]
  return cve ? `${cve.toLowerCase()}-${title}` : title
}

process.exitCode = await main()

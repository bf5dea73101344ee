import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resultOf } from '../../cli/parse/result.ts'
import { readRequest } from '../../server/pkcs10/request.ts'
import { dump } from './dump.ts'

export const corpusFolder = join(import.meta.dirname, 'requests')

/** One request that is kept for ever. */
export interface Kept {
  readonly title: string
  /** Where it is from. */
  readonly source: string
  /** `spec.request`. */
  readonly request: string
  readonly isAcceptedByKubernetes: boolean
}

/** A file of the corpus: what it is, what must come of it, a dump for people, and last the request as a JSON string. */
export function corpusText(kept: Kept): string {
  return [
    `title: ${kept.title}`,
    `source: ${kept.source}`,
    `kubernetes: ${kept.isAcceptedByKubernetes ? 'accepts' : 'refuses'}`,
    `expect: ${expectationOf(kept.request)}`,
    ...dumpOf(kept.request).map((line) => `# ${line}`),
    JSON.stringify(kept.request),
    '',
  ].join('\n')
}

/** `accepted`, or `CODE at OFFSET: MESSAGE`. */
export function expectationOf(request: string): string {
  const result = resultOf(readRequest(request))
  return result.ok ? 'accepted' : `${result.fault} at ${result.at}: ${result.message}`
}

/** The DER of what stands between the first two lines of hyphens; the text itself where that is nothing. */
export function dumpOf(request: string): string[] {
  const text = Buffer.from(request, 'base64').toString('latin1')
  const body = /-----\n([^-]*)-----END/u.exec(text)?.[1]
  const der = Buffer.from(body ?? '', 'base64')
  return der.length > 0 ? dump(der) : text.slice(0, 200).split('\n').map((line) => JSON.stringify(line))
}

export interface CorpusFile extends Kept {
  readonly expect: string
  readonly dump: readonly string[]
}

export function readCorpusFile(text: string): CorpusFile {
  const lines = text.trimEnd().split('\n')
  const field = (name: string): string => {
    const line = lines.find((candidate) => candidate.startsWith(`${name}: `))
    if (line === undefined) throw new Error(`the corpus file has no ${name}`)
    return line.slice(name.length + 2)
  }
  return {
    title: field('title'),
    source: field('source'),
    isAcceptedByKubernetes: field('kubernetes') === 'accepts',
    expect: field('expect'),
    dump: lines.filter((line) => line.startsWith('# ')).map((line) => line.slice(2)),
    request: String(JSON.parse(lines.at(-1) ?? '')),
  }
}

/** All files, by name. */
export function corpusFiles() {
  return globSync('*.txt', { cwd: corpusFolder })
    .toSorted()
    .map((name) => ({ name, ...readCorpusFile(readFileSync(join(corpusFolder, name), 'utf8')) }))
}

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { corpusFolder, corpusText } from '../../corpus/file.ts'
import type { Oracle } from '../oracle.ts'
import { judgeCase } from './judge.ts'
import type { Found } from './run.ts'
import { shrink } from './shrink.ts'

/** Shrinks what was found and keeps it in the corpus for ever. @returns the file */
export async function keep({ case: found, what }: Found, oracle: Oracle): Promise<string> {
  const shows = async (request: string): Promise<boolean> => {
    const { outcome } = await judgeCase({ ...found, request }, oracle)
    return outcome === 'disagreement'
  }
  const request = await shrink(found.request, shows)
  const { apiServer } = await oracle.judge(request)
  const file = join(corpusFolder, `found-${found.seed}.txt`)
  const source = `found by the differential, seed ${found.seed} (${found.origin}): ${what.replaceAll(/\s+/gu, ' ').slice(0, 300)}`
  await writeFile(
    file,
    corpusText({ title: `found-${found.seed}`, source, request, isAcceptedByKubernetes: apiServer === '' }),
  )
  return file
}

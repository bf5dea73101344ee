import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resultOf } from '../../suite/read-result.ts'
import { faultRules } from '../../../server/der/faults.ts'
import { readRequest } from '../../../server/pkcs10/request.ts'
import type { Case, CasesFile } from '../../suite/schema.ts'
import type { Oracle } from '../oracle.ts'
import { judgeCase } from './judge.ts'
import type { Found } from './run.ts'
import { shrink } from './shrink.ts'

const FILE = join(import.meta.dirname, '../../suite/cases/found.json')

/** Shrinks what was found and keeps it in the suite for ever, as it is read today. @returns its id */
export async function keep({ case: found, what }: Found, oracle: Oracle): Promise<string> {
  const shows = async (request: string): Promise<boolean> => {
    const { outcome } = await judgeCase({ ...found, request }, oracle)
    return outcome === 'disagreement'
  }
  const request = await shrink(found.request, shows)
  const { apiServer } = await oracle.judge(request)
  const id = `found-${found.seed}`
  const one: Case = {
    id,
    title: id.replace('-', ' '),
    source: `the differential, seed ${found.seed} (${found.origin}): ${what.replaceAll(/\s+/gu, ' ').slice(0, 300)}`,
    request: { raw: request },
    expected: expectedOf(request),
    kubernetes: apiServer === '' ? 'accepts' : 'refuses',
  }
  const file: CasesFile = JSON.parse(await readFile(FILE, 'utf8'))
  await writeFile(FILE, `${JSON.stringify({ ...file, cases: [...file.cases, one] }, null, 2)}\n`)
  return id
}

function expectedOf(request: string): Case['expected'] {
  const result = resultOf(readRequest(request))
  if (result.ok) return { decision: 'approve' }
  const { fault, at, message } = result
  if (!(fault in faultRules)) return { decision: 'deny', reason: fault, at, message }
  return { decision: 'deny', reason: 'CsrUnreadable', fault, at, message }
}

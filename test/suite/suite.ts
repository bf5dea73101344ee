/** The suite as it is on disk: schema.json says what its files mean. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case, CasesFile, ClusterFile, SuiteFile } from './schema.ts'

/** schema.test.ts holds every file to its type. */
const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'))

const suite: SuiteFile = read('suite.json')
export const clusterFile: ClusterFile = read(suite.cluster)
const files: readonly CasesFile[] = suite.cases.map(read)
/** In the order in which they are asked. */
export const cases = files.flatMap((file) => file.cases)

export const isHonest = ({ expected }: Case): boolean => expected.decision === 'approve'

/** What is asked where not all can be: in the demo and in comparisons. */
const demo = cases.filter((one) => one.demo)
export const honestCases = demo.filter(isHonest)
export const hostileCases = demo.filter((one) => !isHonest(one))

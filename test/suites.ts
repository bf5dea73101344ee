import { globSync } from 'node:fs'

export interface Suite {
  readonly patterns: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const FOLDERS = '{charts,cli,packaging,policies,server,test}'

/** Which files each command runs. */
export const suites: Readonly<Record<string, Suite>> = {
  /** `npm test`: needs nothing but Node. */
  test: { patterns: [`${FOLDERS}/**/*.test.ts`] },
  /** `npm run test:kubernetes`: a real API server, helm, Go, promtool, a browser. */
  kubernetes: {
    patterns: [`${FOLDERS}/**/*.proof.ts`, `${FOLDERS}/**/*.cluster.test.ts`],
    environment: { TEST_CLUSTER: 'kubernetes' },
  },
  /** `npm run test:long`: what takes minutes each, or needs the programs of other approvers. */
  long: { patterns: [`${FOLDERS}/**/*.long.ts`] },
  /** In `npm run e2e`: needs root. */
  e2e: { patterns: [`${FOLDERS}/**/*.e2e.ts`] },
}

/** In an order that does not depend on the file system. */
export function testFiles(root: string, patterns: readonly string[]): readonly string[] {
  return globSync([...patterns], { cwd: root }).toSorted()
}

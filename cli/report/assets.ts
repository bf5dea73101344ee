import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Assets {
  /** The modules of the script. */
  readonly table: string
  readonly fleet: string
  readonly style: string
}

/** Script and style of the page. packaging/bundle.ts puts their text into the bundle in place of this module. */
export async function readAssets(): Promise<Assets> {
  const read = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8')
  return { table: await read('table.mjs'), fleet: await read('fleet.mjs'), style: await read('page.css') }
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TSchema, Type } from 'typebox'
import { serveFlags } from '../../cli/serve-flags.ts'
import { otherReasons } from '../../policies/codes.ts'
import { checks, checksOf } from '../../policies/index.ts'
import { requestIsReadable } from '../../policies/checks/request-is-readable.ts'
import { settingsSchema } from '../../policies/settings.ts'
import { faultRules } from '../../server/der/faults.ts'
import { configSchema } from '../../server/config.ts'
import { allowedBy } from '../../server/policy/faults.ts'
import { metricTable, runtimeMetrics } from '../../server/report/metrics.ts'
import type { Generated } from './chart-docs.ts'
import { decisionsIndex } from './decisions-index.ts'
import { doctorFindings } from './doctor-docs.ts'
import { code, entry, markdown, prose, withTable } from './markdown.ts'
import { supportTable } from './support-docs.ts'

/** Tables by the name in their markers, by the file they are in. The prose around them is written by hand. */
const tablesOf: Readonly<Record<string, Readonly<Record<string, (page: string) => string>>>> = {
  'README.md': { support: supportTable },
  'DECISIONS.md': { index: decisionsIndex },
  'policies/README.md': { checks: checkEntries, reasons: reasonEntries },
  'docs/doctor.md': { findings: doctorFindings },
  'docs/reference.md': {
    config: configTable,
    settings: settingsTable,
    flags: flagsTable,
    metrics: metricsTable,
    faults: faultsTable,
  },
}

/** The files that `npm run docs` writes about the program. */
export async function referenceDocs(root: string): Promise<readonly Generated[]> {
  const files = Object.entries(tablesOf).map(async ([path, tables]) => {
    const before = await readFile(join(root, path), 'utf8')
    const content = Object.entries(tables).reduce(
      (text, [name, table]) => withTable(text, name, table(text)),
      before,
    )
    return { path, content }
  })
  return Promise.all(files)
}

function checkEntries(): string {
  const atCreation = new Set(['CsrUnreadable', ...checksOf('admit').map((check) => check.code)])
  const all = [requestIsReadable, ...checks].map(({ code: name, stage, failure, ...check }) => {
    const where = atCreation.has(name) ? '' : ', controller only'
    const what = `${check.requires} *${check.because}*`
    return entry(
      3,
      name,
      what,
      '',
      `Stage ${stage}${where}. If not: ${failure}. Source: ${linked(check.source)}`,
    )
  })
  return all.join('\n\n')
}

function reasonEntries(): string {
  const all = Object.entries(otherReasons).map(([name, { verdict, when }]) =>
    entry(3, name, `${when[0]?.toUpperCase()}${when.slice(1)}. Verdict: ${verdict ?? 'none'}.`),
  )
  return all.join('\n\n')
}

function linked(source: string): string {
  return source.replaceAll(/https:\/\/[^\s;,]+/gu, (url) => `[${new URL(url).hostname}](${url})`)
}

function settingsTable(): string {
  return tableOf(settingsSchema)
}

function configTable(): string {
  const { policy: _, ...rest } = configSchema.properties
  return tableOf(Type.Object(rest))
}

function tableOf(schema: TSchema): string {
  const rows = settingsUnder(schema, []).map(({ path, schema: setting }) => [
    code(path.join('.')),
    allowedIn(setting),
    code(JSON.stringify(Reflect.get(setting, 'default'))),
    prose(String(Reflect.get(setting, 'description'))),
  ])
  return markdown(['setting', 'allowed', 'default', ''], rows)
}

interface Setting {
  readonly path: readonly string[]
  readonly schema: TSchema
}

function settingsUnder(schema: TSchema, path: readonly string[]): Setting[] {
  const fields: Readonly<Record<string, TSchema>> | undefined = Reflect.get(schema, 'properties')
  if (fields === undefined) return [{ path, schema }]
  return Object.entries(fields).flatMap(([name, field]) => settingsUnder(field, [...path, name]))
}

function allowedIn(schema: TSchema): string {
  const items: TSchema | undefined = Reflect.get(schema, 'items')
  return items === undefined ? allowedBy({ ...schema }) : `list of: ${allowedBy({ ...items })}`
}

function flagsTable(): string {
  const rows = serveFlags().map(({ flags, defaultValue, description }) => [
    code(flags),
    typeof defaultValue === 'string' ? code(defaultValue) : '',
    prose(description),
  ])
  return markdown(['flag', 'default', ''], rows)
}

function metricsTable(): string {
  const ours = Object.values(metricTable).map(({ name, kind, labels, help }) => [
    code(name),
    kind,
    labels.map(code).join(', '),
    prose(help),
  ])
  const runtime = runtimeMetrics.map((name) => [code(name), 'runtime', '', 'Defined by prom-client.'])
  return markdown(['metric', 'kind', 'labels', ''], [...ours, ...runtime])
}

function faultsTable(): string {
  return markdown(
    ['fault', 'the rule that was broken'],
    Object.entries(faultRules).map(([name, rule]) => [code(name), rule]),
  )
}

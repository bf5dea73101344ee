/** The kinds of Artifact Hub's annotation `artifacthub.io/changes`, by the headings of CHANGELOG.md. */
const KINDS = {
  Added: 'added',
  Changed: 'changed',
  Deprecated: 'deprecated',
  Removed: 'removed',
  Fixed: 'fixed',
  Security: 'security',
  'You must': 'changed',
} as const

type Heading = keyof typeof KINDS

export interface Change {
  readonly kind: (typeof KINDS)[Heading]
  readonly description: string
}

/** The newest section of the changelog. */
export interface Release {
  readonly version: string
  /** `2026-11-24`; null while the heading says `unreleased`. */
  readonly date: string | null
  readonly changes: readonly Change[]
  /** Its text, as Markdown. */
  readonly text: string
}

const SECTION = /^## (\S+) \((unreleased|\d{4}-\d{2}-\d{2})\)$/
const GROUP = /^### \*{0,2}([A-Z][A-Za-z ]*?)\*{0,2}$/
const ITEM = /^- (.*)$/
const CONTINUED = /^ {2}(\S.*)$/

/** Reads the newest section; throws at a line that it does not understand, which would be missing in the release notes. */
export function newestRelease(changelog: string): Release {
  const lines = changelog.split('\n')
  const start = lines.findIndex((line) => line.startsWith('## '))
  const [, version, date] = SECTION.exec(lines[start] ?? '') ?? []
  if (version === undefined || date === undefined)
    throw new Error('CHANGELOG.md: the first section is not headed `## <version> (<date> or unreleased)`')
  const end = lines.findIndex((line, at) => at > start && line.startsWith('## '))
  const section = lines.slice(start + 1, end < 0 ? undefined : end)
  const changes = changesOf(section.filter((line) => line.trim() !== ''))
  return { version, date: date === 'unreleased' ? null : date, changes, text: section.join('\n').trim() }
}

function changesOf(section: readonly string[]): readonly Change[] {
  const changes: { kind: Change['kind']; description: string }[] = []
  let heading: Heading | null = null
  for (const line of section) {
    const [, group] = GROUP.exec(line) ?? []
    const [, item] = ITEM.exec(line) ?? []
    const [, continued] = CONTINUED.exec(line) ?? []
    const last = changes.at(-1)
    if (isHeading(group)) heading = group
    else if (item !== undefined && heading !== null) changes.push(change(heading, item))
    else if (continued !== undefined && last !== undefined) last.description += ` ${continued}`
    else throw new Error(`CHANGELOG.md: neither a known heading nor an item: ${line}`)
  }
  return changes
}

function change(heading: Heading, item: string) {
  return { kind: KINDS[heading], description: heading === 'You must' ? `You must: ${item}` : item }
}

function isHeading(group: string | undefined): group is Heading {
  return group !== undefined && Object.hasOwn(KINDS, group)
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newestRelease } from './changelog.ts'

const good = [
  '# Changelog',
  '',
  'For upgraders.',
  '',
  '## 1.2.0 (2026-11-24)',
  '### Added',
  '- One',
  '  thing.',
]

test('the newest section gives version, date and its changes by kind, lines joined', () => {
  const lines = [...good, '### *You must*', '- Act.', '', '## 1.1.0 (2026-10-01)', '### Fixed', '- Old.']
  assert.deepEqual(newestRelease(lines.join('\n')), {
    version: '1.2.0',
    date: '2026-11-24',
    changes: [
      { kind: 'added', description: 'One thing.' },
      { kind: 'changed', description: 'You must: Act.' },
    ],
    text: '### Added\n- One\n  thing.\n### *You must*\n- Act.',
  })
})

test('an unreleased section has no date', () => {
  assert.equal(newestRelease(good.join('\n').replace('2026-11-24', 'unreleased')).date, null)
})

test('a heading without a date is refused', () => {
  assert.throws(() => newestRelease(good.join('\n').replace(' (2026-11-24)', '')), {
    message: 'CHANGELOG.md: the first section is not headed `## <version> (<date> or unreleased)`',
  })
})

test('a line that would be left out of the release notes is refused', () => {
  for (const line of ['### Improved', 'Loose words.', '* Another bullet.'])
    assert.throws(() => newestRelease([...good, line].join('\n')), {
      message: `CHANGELOG.md: neither a known heading nor an item: ${line}`,
    })
})

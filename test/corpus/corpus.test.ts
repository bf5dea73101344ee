import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpusFiles, dumpOf, expectationOf } from './file.ts'

const files = corpusFiles()

test('each corpus file is read with the recorded result, offset and message', () => {
  assert.ok(files.length > 200)
  for (const { name, request, expect } of files) assert.equal(expectationOf(request), expect, name)
})

test('the dump in a corpus file is that of its request', () => {
  for (const { name, request, dump } of files) assert.deepEqual(dumpOf(request), dump, name)
})

test('the corpus has every known CVE of node-forge that concerns requests, and each is refused', () => {
  for (const cve of ['2025-12816', '2025-66030', '2025-66031', '2026-33891', '2026-33894', '2026-33895']) {
    const kept = files.filter(({ name }) => name.startsWith(`cve-${cve}-`))
    assert.ok(kept.length > 0, cve)
    for (const { name, expect } of kept) assert.notEqual(expect, 'accepted', name)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { terminalSvg } from './svg.ts'

test('colours become fills, and what is markup is escaped', () => {
  const svg = terminalSvg('status', 'a \u001b[31m<no>\u001b[0m & \u001b[1mb\u001b[0m\r\n')
  assert.ok(svg.includes('<tspan fill="#79c0ff">$ status</tspan>'))
  assert.ok(
    svg.includes(
      '>a <tspan fill="#ff7b72">&lt;no&gt;</tspan> &amp; <tspan font-weight="bold">b</tspan></text>',
    ),
  )
})

test('a picture is as wide as its longest line and as high as its lines', () => {
  const svg = terminalSvg('x', `${'a'.repeat(100)}\n\nb\n`)
  assert.match(svg, /viewBox="0 0 808 100" width="808" height="100"/u)
  assert.equal(svg.match(/<text /gu)?.length, 3)
})

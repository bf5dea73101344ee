import assert from 'node:assert/strict'
import { test } from 'node:test'
import { terminalSvg } from './svg.ts'

test('colours become fills, spaces stay, and what is markup is escaped', () => {
  const svg = terminalSvg('status', 'a  \u001b[31m<no>\u001b[0m&\u001b[1mb\u001b[0m\r\n', 80)
  assert.ok(svg.includes('<tspan fill="#79c0ff">$\u00a0status</tspan>'), svg)
  const line =
    'a\u00a0\u00a0<tspan fill="#ff7b72">&lt;no&gt;</tspan>&amp;<tspan font-weight="bold">b</tspan></text>'
  assert.ok(svg.includes(`>${line}`), svg)
})

test('a picture is as wide as the terminal, which wraps lines, and as high as its lines', () => {
  const svg = terminalSvg('x', `${'a'.repeat(70)}\u001b[32m${'b'.repeat(40)}\u001b[0m\n\nc\n`, 100)
  assert.match(svg, /viewBox="0 0 808 118" width="808" height="118"/u)
  assert.equal(svg.match(/<text /gu)?.length, 4)
  assert.ok(
    svg.includes(
      `textLength="780.0">${'a'.repeat(70)}<tspan fill="#56d364">${'b'.repeat(30)}</tspan></text>`,
    ),
    svg,
  )
})

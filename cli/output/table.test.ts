import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testContext } from '../context.fixture.ts'
import { table } from './table.ts'

const columns = [
  { title: 'NODE', cut: 'middle' as const },
  { title: 'DAYS', align: 'right' as const },
  { title: 'FINDING', cut: 'end' as const },
]
const { stdout } = testContext()

test('columns are aligned below their titles, and a line has no spaces at its end', () => {
  assert.equal(
    table(
      columns,
      [
        ['n1', '7', ''],
        ['node-10', '300', 'expired'],
      ],
      stdout,
    ),
    'NODE     DAYS  FINDING\nn1          7\nnode-10   300  expired\n',
  )
})

test('on a narrow terminal the widest columns are cut, a name in its middle', () => {
  const row = [
    'ip-10-0-0-1.eu-central-1.compute.internal',
    '7',
    'its certificate has expired, three weeks ago',
  ]
  const text = table(columns, [row], { ...stdout, columns: 60 })
  assert.equal(
    text,
    'NODE                        DAYS  FINDING\nip-10-0-0-1....te.internal     7  its certificate has exp...\n',
  )
  assert.ok(text.split('\n').every((line) => line.length <= 60))
})

test('without a terminal nothing is cut', () => {
  const name = 'n'.repeat(200)
  assert.ok(table(columns, [[name, '', '']], stdout).includes(name))
})

test('what others wrote is shown as printable ASCII, and colours are only ours', () => {
  const coloured = { ...stdout, colour: true }
  const text = table([{ title: 'NODE' }], [[{ text: 'n\u001b[2J\u202e\n', tone: 'bad' }]], coloured)
  assert.equal(text, '\u001b[1mNODE\u001b[0m\n\u001b[31mn\\u001b[2J\\u202e\\u000a\u001b[0m\n')
})

import { test } from 'node:test'
import { fail, pass, passWithNote, unknown } from '../check.ts'
import {
  expectOutcome,
  goodFacts,
  goodIPv4,
  rulesWith,
  seeing,
  withAddresses,
  withCluster,
  withNode,
  withOwn,
} from '../good-request.fixture.ts'
import { addressesAreProven } from './addresses-are-proven.ts'

const required = await rulesWith({ proof: 'require' })
const SILENT = 'nobody answers as the requester at 198.51.100.11'
const CHECK = 'Check that the controller reaches the port of kubelets there'
const asked = (facts = goodFacts) => withAddresses([goodIPv4], facts)

test('an address that does not answer is told the first time, and one that answers or was told is not', () => {
  expectOutcome(addressesAreProven, asked(seeing('silent')), passWithNote(SILENT))
  expectOutcome(addressesAreProven, asked(seeing('own')), pass)
  expectOutcome(addressesAreProven, asked(seeing('waiting')), pass)
  const before = withOwn({ held: [goodIPv4], unproven: [goodIPv4] })
  expectOutcome(addressesAreProven, asked(seeing('silent', before)), pass)
})

test('a Node may have eight addresses that do not answer', () => {
  const others = (count: number) => Array.from({ length: count }, (_, index) => `0a00000${index}`)
  expectOutcome(
    addressesAreProven,
    asked(seeing('silent', withOwn({ unproven: others(7) }))),
    passWithNote(SILENT),
  )
  expectOutcome(
    addressesAreProven,
    asked(seeing('silent', withOwn({ unproven: others(8) }))),
    fail(`${SILENT}; a Node may have 8 such addresses, and it would have 9. ${CHECK}`),
  )
})

test('where proof is required, an internal address waits until it answers, whatever the node calls it', () => {
  const wanted = fail(`${SILENT}, and \`proof\` of the policy is \`require\`. ${CHECK}`)
  expectOutcome(addressesAreProven, asked(seeing('silent')), wanted, required)
  expectOutcome(addressesAreProven, asked(seeing('own')), pass, required)
  const external = withNode({ external: [goodIPv4] }, seeing('silent'))
  expectOutcome(addressesAreProven, asked(external), passWithNote(SILENT), required)
  const inside = withNode({ external: ['0a000001'] }, seeing('own'))
  const said = 'nobody answers as the requester at 10.0.0.1, and `proof` of the policy is `require`'
  expectOutcome(addressesAreProven, withAddresses(['0a000001'], inside), fail(`${said}. ${CHECK}`), required)
})

test('where nobody dials nothing is told, and what is required is unknown', () => {
  expectOutcome(addressesAreProven, goodFacts, pass)
  const wanted = unknown('addresses cannot be proven: nobody dials')
  expectOutcome(addressesAreProven, goodFacts, wanted, required)
  expectOutcome(addressesAreProven, asked(withOwn({ held: [goodIPv4] })), pass, required)
  expectOutcome(addressesAreProven, withCluster({ probes: { are: 'later' } }), pass, required)
})

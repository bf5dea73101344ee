import { elementCases } from './elements.ts'
import { encodingCases } from './encoding.ts'
import { extrasCases } from './extras.ts'
import { keyCases } from './keys.ts'
import { nameCases } from './names.ts'
import { structureCases } from './structure.ts'
import { textCases } from './text.ts'

export { type HostileCase, requestOf } from './case.ts'

/** Every trick known: all traps of Go's and node-forge's readers, all published holes of other approvers. */
export const hostileCases = [
  ...textCases,
  ...encodingCases,
  ...elementCases,
  ...structureCases,
  ...extrasCases,
  ...nameCases,
  ...keyCases,
]

import type { HostileInput } from './input.ts'
import { bodies } from './inputs/bodies.ts'
import { csrs } from './inputs/csrs.ts'
import { nodes } from './inputs/nodes.ts'
import { probePort } from './inputs/probe-port.ts'
import { rawRequests } from './inputs/raw-requests.ts'
import { reviews } from './inputs/reviews.ts'
import { sockets } from './inputs/sockets.ts'
import { tls } from './inputs/tls.ts'

export const hostileInputs: readonly HostileInput[] = [
  ...bodies,
  ...rawRequests,
  ...sockets,
  ...tls,
  ...probePort,
  ...reviews,
  ...csrs,
  ...nodes,
]

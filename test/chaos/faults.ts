/** What goes wrong, each with its beginning and its end. */
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { CLEAR, type Instead, type Line } from './door.ts'
import type { Component, Installation, Replica } from './installation.ts'
import type { Random } from '../kit/random.ts'

export interface Stage {
  readonly cluster: ControlPlane
  readonly installation: Installation
}

export interface Fault {
  readonly name: string
  /** What it befalls; `cluster` for the API server itself. */
  readonly on: 'replica' | Component | 'cluster'
  /** Lasts until `over` resolves, and may last longer: it resolves once all is well again. */
  readonly run: (stage: Stage, target: Replica, over: () => Promise<void>) => Promise<void>
}

const line = (name: string, change: Partial<Line>): Fault => ({
  name,
  on: 'replica',
  run: async (_stage, { door }, over) => {
    door.line = { ...CLEAR, ...change }
    await over()
    door.line = CLEAR
  },
})

const answer = (name: string, instead: Instead): Fault => ({
  name,
  on: 'replica',
  run: async (_stage, { door: { proxy } }, over) => {
    proxy.instead = instead
    // Open watches would go on beside it.
    proxy.cutWatches()
    await over()
    proxy.instead = () => false
  },
})

const status = (code: number, reason: string, headers: Readonly<Record<string, string>> = {}): Instead => {
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code })
  return (_passing, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(body)
    return true
  }
}

const text = (code: number, type: string, body: string): Instead => {
  return (_passing, response) => {
    response.writeHead(code, { 'content-type': type }).end(body)
    return true
  }
}

/** A page that says more than it sends. */
const truncated: Instead = (_passing, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' })
  response.write('{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[')
  setTimeout(() => response.destroy(), 50)
  return true
}

/** Its end comes only with that of the connection. */
const slow: Instead = (_passing, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 500)
  response.on('close', () => clearInterval(timer))
  return true
}

const signal = (name: 'SIGKILL' | 'SIGTERM', component: Component): Fault => ({
  name: `${name} of a ${component}`,
  on: component,
  run: async (_stage, target, over) => await target.restart(name, over),
})

/** More than the webhook serves at once. */
const HELD_SOCKETS = 300
const THROTTLED_MS = 900
const THROTTLE_PERIOD_MS = 1_000

export const faults: readonly Fault[] = [
  line('nothing arrives at the API server', { up: 'held' }),
  line('no answer comes back', { down: 'held' }),
  line('300 ms each way', { delayMs: 300 }),
  line('40 KB a second', { rate: 40_000 }),
  line('large answers are lost', { longest: 8_000 }),
  {
    name: 'connections are reset',
    on: 'replica',
    run: async (_stage, { door }, over) => {
      door.reset()
      await over()
    },
  },
  {
    name: 'connections are forgotten, without FIN',
    on: 'replica',
    run: async (_stage, { door }, over) => {
      door.forget()
      await over()
    },
  },
  answer('404 in HTML', text(404, 'text/html', '<html><body>404 page not found</body></html>')),
  answer('404 as a Status', status(404, 'NotFound')),
  answer('401', status(401, 'Unauthorized')),
  answer('429 with Retry-After', status(429, 'TooManyRequests', { 'retry-after': '1' })),
  answer('503', status(503, 'ServiceUnavailable')),
  answer('410', status(410, 'Expired')),
  answer('empty lists of nothing', text(200, 'application/json', '{"items":[],"metadata":{}}')),
  answer('no JSON', text(200, 'application/json', '{"items": [')),
  answer('truncated answers', truncated),
  answer('answers that do not end', slow),
  answer('a redirect', (_passing, response) => {
    response.writeHead(302, { location: 'https://192.0.2.1/' }).end()
    return true
  }),
  {
    name: 'answers of writes are lost',
    on: 'controller',
    run: async (_stage, { door: { proxy } }, over) => {
      proxy.answering = async ({ method }) => method === 'GET'
      await over()
      proxy.answering = async () => true
    },
  },
  {
    name: 'watches are cut again and again',
    on: 'replica',
    run: async (_stage, { door: { proxy } }, over) => {
      const timer = setInterval(() => proxy.cutWatches(), 200)
      await over()
      clearInterval(timer)
    },
  },
  {
    name: 'a watch of Nodes says nothing more',
    on: 'controller',
    run: async (_stage, { door: { proxy } }, over) => {
      proxy.stall = '/api/v1/nodes'
      await over()
      proxy.stall = null
      proxy.cutWatches()
    },
  },
  signal('SIGKILL', 'controller'),
  signal('SIGTERM', 'controller'),
  signal('SIGKILL', 'webhook'),
  signal('SIGTERM', 'webhook'),
  {
    name: 'SIGSTOP, SIGCONT',
    on: 'replica',
    run: async (_stage, { service: { child } }, over) => {
      await child.pause()
      await over()
      child.resume()
    },
  },
  {
    name: 'a tenth of the CPU',
    on: 'replica',
    run: async (_stage, { service: { child } }, over) => {
      const throttle = setInterval(() => {
        child.signal('SIGSTOP')
        setTimeout(() => child.resume(), THROTTLED_MS)
      }, THROTTLE_PERIOD_MS)
      await over()
      clearInterval(throttle)
      await sleep(THROTTLED_MS)
      child.resume()
    },
  },
  {
    name: `${HELD_SOCKETS} silent connections`,
    on: 'webhook',
    run: async (_stage, { service }, over) => {
      const port = Number(new URL(service.webhookUrl).port)
      const held = Array.from({ length: HELD_SOCKETS }, () => createConnection(port, '127.0.0.1'))
      for (const socket of held) socket.on('error', () => undefined)
      await over()
      for (const socket of held) socket.destroy()
    },
  },
  {
    name: 'the API server is killed',
    on: 'cluster',
    run: async ({ cluster }, _target, over) => {
      await cluster.killApiServer()
      await over()
      await cluster.restartApiServer()
    },
  },
  {
    name: 'the API server stands still',
    on: 'cluster',
    run: async ({ cluster }, _target, over) => {
      await cluster.pauseApiServer()
      await over()
      cluster.resumeApiServer()
    },
  },
  {
    name: 'etcd is compacted while watches are cut',
    on: 'cluster',
    run: async ({ cluster, installation: { replicas } }, _target, over) => {
      for (const { door } of replicas) {
        door.proxy.refuseWatches = true
        door.proxy.cutWatches()
      }
      await over()
      await cluster.compactEtcd()
      for (const { door } of replicas) door.proxy.refuseWatches = false
    },
  },
  {
    name: 'the Lease is deleted',
    on: 'cluster',
    run: async ({ cluster }) => {
      await cluster.adminRequest('DELETE', LEASE)
    },
  },
  {
    name: 'the ledger is deleted',
    on: 'cluster',
    run: async ({ cluster }) => {
      await cluster.adminRequest('DELETE', `${CONFIG_MAPS}?labelSelector=${LEDGER_LABEL}`)
    },
  },
]

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kubelet-csr-gate/leases/kubelet-csr-gate'
const CONFIG_MAPS = '/api/v1/namespaces/kubelet-csr-gate/configmaps'
const LEDGER_LABEL = 'app.kubernetes.io%2Fcomponent=ledger'

/** Whom it befalls: often the leader's, since the other controller has nothing to do. */
export function targetOf(fault: Fault, { replicas }: Installation, random: Random): Replica {
  const able = replicas.filter(({ component }) => fault.on === component || !isComponent(fault.on))
  return random.pick(able)
}

function isComponent(on: Fault['on']): on is Component {
  return on === 'webhook' || on === 'controller'
}

import type { Component, Config } from './config.ts'

/** What one process does of what the config file enables. */
export interface Runs {
  readonly webhook: boolean
  readonly controller: boolean
  /** Whether it dials kubelets and asks sources of truth: the guard judges as the controller does. */
  readonly judgesStored: boolean
  /**
   * What it does about the webhook's certificate: read it from files, keep a self-signed one, or nothing. The controller keeps it,
   * for webhooks in other processes too; without the controller, the webhook does.
   */
  readonly certificate: 'read' | 'keep' | null
}

/** The components that are enabled, and that this process is told to run. */
export function runsOf(component: Component, config: Config): Runs {
  const webhook = config.webhook.enabled && component !== 'controller'
  const controller = config.controller.enabled && component !== 'webhook'
  const isSelfSigned = config.webhook.enabled && config.tls.mode === 'selfSigned'
  const keeps = isSelfSigned && (controller || !config.controller.enabled)
  const certificate = keeps ? 'keep' : webhook ? 'read' : null
  return { webhook, controller, judgesStored: controller || config.guard.enabled, certificate }
}

import { createServer, type Server } from 'node:http'
import { freePort } from '../kit/ports.ts'
import type { Kubelet } from '../kit/kubelet/kubelet.ts'

/**
 * The metrics of a kubelet about its serving certificate, as pkg/kubelet/certificate/kubelet.go of Kubernetes 1.30 to 1.37
 * registers them with serverTLSBootstrap. A real one serves them with that certificate.
 */
export class KubeletPage implements AsyncDisposable {
  readonly #server: Server
  readonly url: string
  #notAfter: number | null = null
  #rotations = 0
  #failures = 0

  static async start(): Promise<KubeletPage> {
    const port = await freePort()
    const page = new KubeletPage(`http://127.0.0.1:${port}`)
    await new Promise<void>((resolve) => page.#server.listen(port, '127.0.0.1', resolve))
    return page
  }

  private constructor(url: string) {
    this.url = url
    this.#server = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4')
      response.end(this.#text())
    })
  }

  /** Has a kubelet obtain a certificate, and shows what came of it. */
  async obtain(kubelet: Kubelet, signal: AbortSignal): Promise<void> {
    try {
      const { certificate } = await kubelet.obtain(signal)
      if (this.#notAfter !== null) this.#rotations += 1
      this.#notAfter = Date.parse(certificate.validTo)
    } catch (error) {
      this.#failures += 1
      throw error
    }
  }

  #text(): string {
    const left = this.#notAfter === null ? '+Inf' : Math.trunc((this.#notAfter - Date.now()) / 1_000)
    return [
      '# TYPE kubelet_certificate_manager_server_ttl_seconds gauge',
      `kubelet_certificate_manager_server_ttl_seconds ${left}`,
      '# TYPE kubelet_certificate_manager_server_rotation_seconds histogram',
      `kubelet_certificate_manager_server_rotation_seconds_bucket{le="+Inf"} ${this.#rotations}`,
      `kubelet_certificate_manager_server_rotation_seconds_sum ${this.#rotations}`,
      `kubelet_certificate_manager_server_rotation_seconds_count ${this.#rotations}`,
      '# TYPE kubelet_server_expiration_renew_errors counter',
      `kubelet_server_expiration_renew_errors ${this.#failures}`,
      '',
    ].join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

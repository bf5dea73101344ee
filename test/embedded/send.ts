import type { ServerResponse } from 'node:http'

export function send(
  response: ServerResponse,
  code: number,
  object: object,
  warnings: readonly string[] = [],
): void {
  response.setHeader('content-type', 'application/json')
  if (warnings.length > 0)
    response.setHeader(
      'warning',
      warnings.map(
        (warning) => `299 - "${warning.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`,
      ),
    )
  response.writeHead(code).end(JSON.stringify(object))
}

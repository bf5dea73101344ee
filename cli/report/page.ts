import { createHash } from 'node:crypto'
import { asciiJson } from '../../policies/text.ts'
import type { Assets } from './assets.ts'
import type { Contents } from './contents.ts'

/**
 * The page as one HTML document. Only the script and the style that stand here may run: the policy names their hashes.
 * What nodes wrote is in the JSON alone, and the script shows it as text.
 */
export function pageOf(contents: Contents, { table, fleet, style }: Assets): string {
  const script = table + fleet.replace(/^import .*\n/mu, '')
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Kubelet serving certificates</title>
<style>${style}</style>
${BODY}
<script type="application/json" id="contents">${embedded(contents)}</script>
<script type="module">${script}</script>
</html>
`
}

/** No `<`, so no end tag and no comment; elsewhere in JSON it cannot occur. */
function embedded(contents: Contents): string {
  return asciiJson(JSON.stringify(contents)).replaceAll('<', '\\u003c')
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const BODY = `<nav class="skip" aria-label="Skip links">
<a href="#nodes">Skip to nodes</a>
<a href="#csrs">Skip to CSRs</a>
<a href="#findings">Skip to findings</a>
</nav>
<header>
<h1>Kubelet serving certificates</h1>
<p id="about"></p>
<noscript><p>This page needs JavaScript to show its tables. It loads nothing.</p></noscript>
</header>
<main>
<dl id="summary"></dl>
<section id="findings" tabindex="-1" aria-labelledby="findings-title"><h2 id="findings-title">Findings of doctor</h2></section>
<section id="nodes" tabindex="-1" aria-labelledby="nodes-title"><h2 id="nodes-title">Nodes</h2></section>
<section id="csrs" tabindex="-1" aria-labelledby="csrs-title"><h2 id="csrs-title">Stored CSRs</h2></section>
</main>`

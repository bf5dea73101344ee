import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BundledPackage } from './bundled-packages.ts'

/** Licenses that only require to keep a notice. */
const ALLOWED: ReadonlySet<string> = new Set(['Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'])

const LICENSE_FILE = /^(licen[cs]e|copying)(\.md|\.txt)?$/i

/** The license texts of packages that state a license but do not contain its text. */
const WITHOUT_TEXT: Readonly<Record<string, string>> = {
  'abstract-logging': mit('Copyright James Sumners <james.sumners@gmail.com>'),
  jsep: mit('Copyright (c) 2013 Stephen Oney, https://ericsmekens.github.io/jsep/'),
  '@jsep-plugin/assignment': mit('Copyright (c) 2013 Stephen Oney, https://ericsmekens.github.io/jsep/'),
  '@jsep-plugin/regex': mit('Copyright (c) 2013 Stephen Oney, https://ericsmekens.github.io/jsep/'),
  llhttp: mit('Copyright Fedor Indutny, 2018.'),
}

/**
 * Whether {@link ALLOWED} satisfies an SPDX expression. Knows OR and AND, with one pair of brackets around the whole;
 * any other expression is not allowed.
 */
export function isAllowed(expression: string): boolean {
  const inner = expression.replace(/^\(([^()]*)\)$/, '$1')
  return inner.split(' OR ').some((choice) => choice.split(' AND ').every((license) => ALLOWED.has(license)))
}

/** The text of THIRD_PARTY_LICENSES.md: a table, then each distinct text under the packages that have it. */
export async function thirdPartyLicenses(root: string, packages: readonly BundledPackage[]): Promise<string> {
  const byText = new Map<string, string[]>()
  for (const bundled of packages) {
    const text = await licenseText(root, bundled)
    byText.set(text, [...(byText.get(text) ?? []), `${bundled.name} ${bundled.version}`])
  }
  return [
    '# Licenses of the packages in the program',
    '',
    'Made by `npm run docs` from the modules in the bundle. In the image, the license of Node is in',
    '`/usr/local/share/doc/node/LICENSE`, those of the Debian packages are under `/usr/share/doc`.',
    '',
    '| package | version | license |',
    '|---|---|---|',
    ...packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`),
    ...[...byText].flatMap(([text, names]) => ['', `## ${names.join(', ')}`, '', '```', text, '```']),
    '',
  ].join('\n')
}

async function licenseText(root: string, { name, folder }: BundledPackage): Promise<string> {
  const text = (await shippedText(root, folder)) ?? WITHOUT_TEXT[name]
  if (text === undefined)
    throw new Error(`${name} ships no license: see WITHOUT_TEXT in packaging/release/licenses.ts`)
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()
}

async function shippedText(root: string, folder: string | null): Promise<string | undefined> {
  if (folder === null) return undefined
  const files = (await readdir(join(root, folder))).sort()
  const file = files.find((candidate) => LICENSE_FILE.test(candidate))
  return file === undefined ? undefined : await readFile(join(root, folder, file), 'utf8')
}

/** https://spdx.org/licenses/MIT.html */
function mit(copyright: string): string {
  return `${copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}

/** For `--import`: one file of the product has another source in this process, and in those that it starts. */
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { pathToFileURL } from 'node:url'

const { file, source }: { readonly file: string; readonly source: string } = JSON.parse(
  readFileSync(process.env['CHANGED_SOURCE'] ?? '', 'utf8'),
)
const url = pathToFileURL(file).href

registerHooks({
  load: (loaded, context, next) =>
    loaded === url
      ? { format: 'module', source: stripTypeScriptTypes(source), shortCircuit: true }
      : next(loaded, context),
})

import type { DescribedOperation, DescribedParameter, JsonObject, OpenApiDocument } from './openapi.ts'

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; background: #fff }
  h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccd3da }
  summary { cursor: pointer; padding: .3rem 0 }
  summary code { font-weight: 600; overflow-wrap: anywhere }
  .method { display: inline-block; min-width: 4.5rem; font: 600 .85rem ui-monospace, monospace }
  details > div { margin: 0 0 1rem 1.2rem }
  table { border-collapse: collapse; margin: .6rem 0 }
  td, th { text-align: left; vertical-align: top; padding: .15rem 1rem .15rem 0; font-weight: normal }
  pre { background: #f3f5f7; padding: .7rem; overflow: auto; border-radius: 4px; font-size: .85rem }
  .quiet { color: #5a6774 }
`

/** The document as a page: made here, so that it works without a script and without a network. `nonce` is that of its style. */
export function openApiPage({ info, paths, components }: OpenApiDocument, nonce: string): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? ''))]
  const sections = tags.map((tag) => {
    const shown = operations.filter(({ operation }) => operation.tags[0] === tag)
    return `<h2>${escaped(tag)}</h2>\n${shown.map(({ path, method, operation }) => entry(path, method, operation)).join('\n')}`
  })
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(info.title)}: API</title>
<style nonce="${escaped(nonce)}">${STYLE}</style>
<h1>${escaped(info.title)}: API</h1>
<p>${escaped(info.description)}</p>
<p class="quiet">For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}
<h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas).map(schemaEntry).join('\n')}
</html>
`
}

function entry(path: string, method: string, operation: DescribedOperation): string {
  const { summary, parameters = [], requestBody, responses, security } = operation
  return `<details><summary><span class="method">${escaped(method.toUpperCase())}</span> <code>${escaped(path)}</code>
<br>${escaped(summary)}</summary><div>
${security === undefined ? '' : '<p class="quiet">Needs an admin key.</p>'}
${parameters.length === 0 ? '' : `<table>${parameters.map(parameterRow).join('')}</table>`}
${requestBody === undefined ? '' : `<p>Body: ${contentText(requestBody.content)}</p>`}
<table>${Object.entries(responses)
    .map(([status, { description, content }]) => row([status, description], contentText(content ?? {})))
    .join('')}</table>
</div></details>`
}

function parameterRow({ name, in: place, required, description = '', schema }: DescribedParameter): string {
  const { type = '' } = schema as { readonly type?: string }
  return row([name, `${place}${required ? '' : ', optional'}`, type, description])
}

function row(cells: readonly string[], html = ''): string {
  const [first = '', ...others] = cells
  return `<tr><th><code>${escaped(first)}</code></th>${others.map((cell) => `<td>${escaped(cell)}</td>`).join('')}<td>${html}</td></tr>`
}

/** Media types, with a link to the schema of each that has a name. */
function contentText(content: JsonObject): string {
  const types = Object.entries(content).map(([mediaType, value]) => {
    const { schema } = value as { readonly schema?: { readonly $ref?: string } }
    const name = schema?.$ref?.split('/').pop()
    return `<code>${escaped(mediaType)}</code>${name === undefined ? '' : ` <a href="#${escaped(name)}">${escaped(name)}</a>`}`
  })
  return types.join(', ')
}

function schemaEntry([name, schema]: [string, unknown]): string {
  return `<h3 id="${escaped(name)}">${escaped(name)}</h3><pre>${escaped(JSON.stringify(schema, null, 2))}</pre>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OPERATIONS } from '../../src/http/routes/rest/rest.ts'
import { type RestServer, startRest } from '../support/rest-server.ts'

interface Document {
  readonly paths: Record<string, Record<string, { readonly parameters?: readonly { name: string; in: string }[] }>>
  readonly components: { readonly schemas: Record<string, { readonly properties?: object }> }
}

let server: RestServer
let document: Document

beforeAll(async () => {
  server = await startRest()
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document
})

afterAll(() => server.stop())

const described = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )

test('the document is valid OpenAPI 3.1', async () => {
  expect(await new Validator().validate({ ...document })).toEqual({ valid: true })
  expect(document).toMatchObject({ openapi: '3.1.0' })
})

test('every route of the API is in the document, and the other way round', () => {
  const routes = server.app.routes
    .filter(({ method, path }) => path.startsWith('/:app/rest/v2/') && method !== 'ALL' && !path.endsWith('/'))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  expect(routes.length).toBeGreaterThan(15)
  expect([...routes].sort()).toEqual(
    described()
      .filter((line) => line.includes('/rest/v2/'))
      .sort(),
  )
})

test('every other way in is in the document too', () => {
  const hidden = /^\/:app\/rest\/v2|\/k\/:key\/|^\/?\*$/
  const ways = server.app.routes
    .filter(({ method, path }) => method !== 'ALL' && method !== 'OPTIONS' && !hidden.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/\/\*$/, '/{name}').replace(/:(\w+)/g, '{$1}')}`)
    // Without a file's name only the end of a stream is told.
    .filter((line) => !/^(?:PUT|GET|DELETE) \/\{app\}\/hls-upload$/.test(line))
  expect([...new Set(ways)].sort()).toEqual(
    described()
      .filter((line) => !line.includes('/rest/v2/'))
      .sort(),
  )
})

test('every parameter of a path, and every one that is read, is described where it stands', () => {
  for (const { method, path, input } of OPERATIONS) {
    const parameters = document.paths[`/{app}/rest/v2${path}`]?.[method]?.parameters ?? []
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    const names = (place: string) => parameters.filter((each) => each.in === place).map(({ name }) => name)
    expect(names('path').sort(), path).toEqual(['app', ...inPath].sort())
    expect([...names('path'), ...names('query')].sort(), path).toEqual(['app', ...Object.keys(input.shape)].sort())
  }
})

test("the fields of Ant Media's answers are described", () => {
  const fieldsOf = (name: string) => Object.keys(document.components.schemas[name]?.properties ?? {})
  expect(fieldsOf('Result')).toEqual(['success', 'message', 'dataId', 'errorId'])
  expect(fieldsOf('VoD')).toContain('previewFilePath')
  expect(fieldsOf('Broadcast')).toContain('originAdress')
})

test('the page shows all of it without a script, and loads nothing', async () => {
  const response = await fetch(`${server.url}/openapi`)
  const html = await response.text()
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  const nonce = /style-src 'nonce-([\w-]+)'/.exec(policy)?.[1] ?? 'none'
  expect(html).toContain(`<style nonce="${nonce}">`)
  expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(|https?:/i)
  for (const path of Object.keys(document.paths)) expect(html).toContain(`<code>${path}</code>`)
  for (const name of Object.keys(document.components.schemas)) expect(html).toContain(`<h3 id="${name}">`)
  const links = [...html.matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? '')
  const missing = links.filter((link) => link !== '/openapi.json' && !html.includes(`id="${link.slice(1)}"`))
  expect(missing).toEqual([])
})

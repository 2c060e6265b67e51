import { Hono } from 'hono'
import type { OpenApiDocument } from './openapi.ts'
import { openApiPage } from './openapi-page.ts'

/** The description of the API for programs, and as a page for people. */
export function openApiRoutes(document: OpenApiDocument): Hono {
  const routes = new Hono()
  routes.get('/openapi.json', () => Response.json(document, { headers: { 'X-Content-Type-Options': 'nosniff' } }))
  routes.get('/openapi', () => {
    const nonce = crypto.randomUUID()
    const headers = {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    }
    return new Response(openApiPage(document, nonce), { headers })
  })
  return routes
}

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hono } from 'hono'
import { expect } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import type { Log } from '../../src/core/ports.ts'
import { DEFAULT_MOUNT, type Mount } from '../../src/core/upload-target.ts'
import { createApp } from '../../src/http/app.ts'
import { KeyRing } from '../../src/http/key-ring.ts'
import { OPERATIONS } from '../../src/http/routes/rest/rest.ts'
import { Drain } from '../../src/node/drain.ts'
import { createHttpServer, nodeRuntime } from '../../src/node/http-server.ts'
import { Managed } from './managed.ts'
import { Trial } from './trial.ts'

/** The key that the requests of `ask` show. */
export const ADMIN_KEY = 'admin-key'

/** How the server is set up; by default with an admin key, and not open. */
export interface RestOptions {
  readonly adminKeys?: readonly string[]
  readonly isOpen?: boolean
  readonly apps?: readonly string[]
  readonly mounts?: readonly Mount[]
}

/** A real server with the whole surface, over a management in memory. */
export interface RestServer {
  readonly url: string
  readonly port: number
  readonly app: Hono
  readonly management: Managed
  /** Events and fields that were logged. */
  readonly logged: readonly string[]
  /**
   * Asks with the admin key, below `/LiveApp/rest/v2`. Whatever is answered must be as the operation that the path belongs to
   * says; without a body it is null.
   */
  ask(method: string, path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }>
  stop(): Promise<void>
}

/** Starts it on a free port of 127.0.0.1. */
export async function startRest(options: RestOptions = {}): Promise<RestServer> {
  const logged: string[] = []
  const write = (event: string, fields?: Record<string, unknown>) =>
    void logged.push(JSON.stringify({ event, ...fields }))
  const log: Log = { info: write, warn: write, error: write }
  const management = new Managed()
  const app = createApp({
    receiver: new Trial().receiver,
    runtime: nodeRuntime(60_000),
    keys: new KeyRing([], options.adminKeys ?? [ADMIN_KEY]),
    mounts: [DEFAULT_MOUNT, ...(options.mounts ?? [])],
    apps: options.apps ?? [],
    maxUploads: 10,
    log,
    health: { isReady: () => true, details: () => ({}) },
    metrics: { contentType: 'text/plain', text: async () => '' },
    management,
    isOpen: options.isOpen ?? false,
  })
  const server = createHttpServer(app, readConfig({}), new Drain(), log)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    app,
    management,
    logged,
    ask: (method, path, init) => ask(url, method, path, init),
    stop: () => closed(server),
  }
}

async function ask(url: string, method: string, path: string, init: RequestInit = {}) {
  const headers = { Authorization: `Bearer ${ADMIN_KEY}`, ...(init.headers as Record<string, string> | undefined) }
  const response = await fetch(`${url}/LiveApp/rest/v2${path}`, { method, ...init, headers })
  const body: unknown = await response.json()
  checkAnswer(method, path, response, body)
  return { status: response.status, body: body as Record<string, unknown> }
}

/** An answer must have the schema that the description gives for its status. */
function checkAnswer(method: string, path: string, response: Response, body: unknown): void {
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  expect(response.headers.get('cache-control')).toBe('no-store')
  const [bare = ''] = path.split('?')
  const operation = OPERATIONS.find((each) => each.method === method.toLowerCase() && patternOf(each.path).test(bare))
  const type = operation?.answers[response.status]
  const isProblem = response.headers.get('content-type') === 'application/problem+json'
  if (!isProblem) expect(type?.parse(body)).toEqual(body)
  else expect(body).toMatchObject({ status: response.status, code: expect.stringMatching(/^[a-z-]+$/) as string })
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`)
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

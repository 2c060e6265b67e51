import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import type { Config } from '../config/schema.ts'
import { type ErrorCode, ReceiverError } from '../core/errors.ts'
import type { Log } from '../core/ports.ts'
import { errorResponse, rawErrorResponse } from '../http/error-response.ts'
import type { RequestBody, Runtime } from '../http/runtime.ts'
import type { Drain } from './drain.ts'
import { boundUnread, NodeRequestBody } from './request-body.ts'
import { sentForm } from './sent-form.ts'

/** Time for the head of a request, in ms; bodies have none, since a single-file upload lasts a whole broadcast. */
const HEADERS_TIMEOUT_MS = 60_000
/** How long a player may take nothing of its answer, in ms; uploads have BODY_IDLE_SECONDS. */
const ANSWER_IDLE_MS = 60_000
/** How soon a peer that vanished is noticed, in ms. */
const TCP_KEEP_ALIVE_MS = 30_000
/** How often the log tells of a request that is no HTTP, in ms. */
const NOTE_MS = 1_000

/** How the app reads requests on Node: the raw message, never a web stream. */
export function nodeRuntime(idleMs: number): Runtime {
  const bodies = new WeakMap<object, RequestBody>()
  const bodyOf = (context: Context): RequestBody => {
    const { incoming, outgoing } = bindings(context)
    const known = bodies.get(incoming)
    if (known !== undefined) return known
    const body = new NodeRequestBody(incoming, outgoing, idleMs)
    bodies.set(incoming, body)
    return body
  }
  return {
    target: (context) => bindings(context).incoming.url ?? '/',
    body: bodyOf,
    form: (context) => sentForm(bodyOf(context), context.req.header('content-type') ?? ''),
  }
}

function bindings(context: Context): { incoming: IncomingMessage; outgoing: ServerResponse } {
  return context.env as { incoming: IncomingMessage; outgoing: ServerResponse }
}

/** The HTTP/1.1 server with the time-outs that encoders need. */
export function createHttpServer(app: Hono, config: Config, drain: Drain, log: Log): Server {
  const note = malformedNotes(log)
  const errorHandler = (cause: unknown) => {
    note('request-malformed', 'host')
    return answerUnreadable(cause)
  }
  const answer = getRequestListener(app.fetch, { autoCleanupIncoming: false, errorHandler })
  const listener = drain.listener((request, response) => {
    boundUnread(request, response)
    void answer(request, response)
  })
  const server = createServer({ keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS, noDelay: true }, listener)
  server.keepAliveTimeout = config.KEEP_ALIVE_SECONDS * 1000
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = 0
  server.timeout = ANSWER_IDLE_MS
  // Node's default ends the answer of whoever half-closes early; libavformat closes right after its last chunk.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.maxConnections = config.MAX_CONNECTIONS
  server.on('checkContinue', listener)
  drain.watch(server)
  server.on('clientError', (error, socket: Socket) => answerMalformed(error, socket, note))
  return server
}

/** A head that Node could parse but that makes no URL, such as a broken Host. */
function answerUnreadable(cause: unknown): Response {
  return errorResponse(new ReceiverError('request-malformed', undefined, { cause }))
}

const MALFORMED: ReadonlyMap<string, ErrorCode> = new Map([
  ['HPE_HEADER_OVERFLOW', 'head-too-large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'head-stalled'],
])

type NoteMalformed = (code: ErrorCode, reason: string) => void

function answerMalformed(error: Error & { code?: string }, socket: Socket, note: NoteMalformed): void {
  const isAnswering = '_httpMessage' in socket && socket._httpMessage !== null && socket._httpMessage !== undefined
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    // In the middle of another answer no text of ours may stand.
    socket.destroy()
    return
  }
  const reason = error.code ?? ''
  const code = MALFORMED.get(reason) ?? 'request-malformed'
  note(code, reason)
  socket.end(rawErrorResponse(code))
}

/** Anybody can send nonsense, without a key: the log tells of one in NOTE_MS, and how many came before. */
function malformedNotes(log: Log): NoteMalformed {
  let notedAt = Number.NEGATIVE_INFINITY
  let unsaid = 0
  return (code, reason) => {
    const now = performance.now()
    if (now - notedAt < NOTE_MS) {
      unsaid++
      return
    }
    log.warn('refused', { code, reason, unsaid })
    notedAt = now
    unsaid = 0
  }
}

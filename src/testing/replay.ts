import { connect, type Socket } from 'node:net'
import type { Capture, CapturedRequest } from './capture.ts'

/** How a recorded push is sent again. */
export interface ReplayOptions {
  readonly host: string
  readonly port: number
  /** `recorded` keeps the encoder's timing; `fast` keeps only the order. */
  readonly speed: 'recorded' | 'fast'
  /** Where a recorded target goes to; undefined leaves the request out. */
  readonly targetOf: (target: string, request: CapturedRequest) => string | undefined
  /** `abrupt` closes as libavformat does, without reading the answer; `patient` waits for all answers. */
  readonly close: 'abrupt' | 'patient'
  /** Told when so many bytes of a request's body have left, in all, and when it has properly ended. */
  readonly onSent?: (request: CapturedRequest, bytes: number, isWhole: boolean) => void
}

/** What came back on a replayed connection: the status of each answer, in order. */
export interface ReplayedConnection {
  readonly connection: number
  readonly statuses: readonly number[]
}

interface Step {
  readonly at: number
  readonly connection: number
  readonly run: (socket: Socket) => void
}

/** Sends a recorded push: own connections, own chunks, own order. Resolves when every connection is closed. */
export async function replay(capture: Capture, options: ReplayOptions): Promise<ReplayedConnection[]> {
  const requests = capture.requests.filter((request) => options.targetOf(request.target, request) !== undefined)
  const sockets = new Map<number, Promise<ReplayedConnection>>()
  const open = new Map<number, Socket>()
  const began = Date.now()
  const steps = stepsOf(requests, capture, options)
  const first = steps[0]?.at ?? 0
  for (const step of steps) {
    if (options.speed === 'recorded') await waitUntil(began + step.at - first)
    let socket = open.get(step.connection)
    if (socket === undefined) {
      socket = connect({ host: options.host, port: options.port, allowHalfOpen: true })
      open.set(step.connection, socket)
      sockets.set(step.connection, answersOf(socket, step.connection))
    }
    step.run(socket)
  }
  return Promise.all(sockets.values())
}

function stepsOf(requests: readonly CapturedRequest[], capture: Capture, options: ReplayOptions): Step[] {
  const steps = requests.flatMap((request) => requestSteps(request, options))
  for (const connection of new Set(requests.map((request) => request.connection))) {
    const lastAt = Math.max(...steps.filter((step) => step.connection === connection).map((step) => step.at))
    const at = Math.max(capture.closedAt.get(connection) ?? lastAt, lastAt)
    steps.push({ at, connection, run: (socket) => endSocket(socket, options.close) })
  }
  return steps.sort((one, other) => one.at - other.at)
}

function requestSteps(request: CapturedRequest, options: ReplayOptions): Step[] {
  const { connection, framing, endedAt } = request
  const target = options.targetOf(request.target, request) ?? request.target
  const head = [
    `${request.method} ${target} HTTP/1.1`,
    ...request.headers.map((line) => withPort(line, options.port)),
    '',
    '',
  ].join('\r\n')
  let bytes = 0
  const tellAfter = (size: number, isLast: boolean) => {
    bytes += size
    const [sent, isWhole] = [bytes, isLast && endedAt !== undefined]
    return (error?: Error | null) => {
      if (error == null) options.onSent?.(request, sent, isWhole)
    }
  }
  const hasEnd = endedAt !== undefined && framing === 'chunked'
  const tellHead = tellAfter(0, !hasEnd && request.pieces.length === 0)
  const pieces = request.pieces.map((piece, at) => {
    const tell = tellAfter(piece.bytes.length, !hasEnd && at === request.pieces.length - 1)
    return { at: piece.at, connection, run: (socket: Socket) => writePiece(socket, piece.bytes, framing, tell) }
  })
  const steps: Step[] = [
    { at: request.sentAt, connection, run: (socket) => void socket.write(head, tellHead) },
    ...pieces,
  ]
  if (hasEnd) {
    const tell = tellAfter(0, true)
    steps.push({ at: endedAt, connection, run: (socket) => void socket.write('0\r\n\r\n', tell) })
  }
  return steps
}

/** The recordings have the word PORT where the server's port stood. */
function withPort(line: string, port: number): string {
  return line.replace(/^(Host: .*):PORT$/, `$1:${port}`)
}

function writePiece(
  socket: Socket,
  bytes: Uint8Array,
  framing: CapturedRequest['framing'],
  tell: (error?: Error | null) => void,
): void {
  if (framing !== 'chunked') {
    socket.write(bytes, tell)
    return
  }
  socket.cork()
  socket.write(`${bytes.length.toString(16)}\r\n`)
  socket.write(bytes)
  socket.write('\r\n', tell)
  socket.uncork()
}

function endSocket(socket: Socket, close: ReplayOptions['close']): void {
  socket.end(() => {
    if (close === 'abrupt') socket.destroy()
  })
}

function answersOf(socket: Socket, connection: number): Promise<ReplayedConnection> {
  let answers = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    answers += text
  })
  return new Promise((resolve) => {
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
      resolve({ connection, statuses: statuses.filter((status) => status !== 100) })
    })
  })
}

function waitUntil(time: number): Promise<void> {
  const ms = time - Date.now()
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One request of a recorded push. Times are in ms since the recording began. */
export interface CapturedRequest {
  readonly n: number
  readonly connection: number
  readonly method: string
  /** The request target as it was sent. */
  readonly target: string
  /** Header lines as they were sent, in order. */
  readonly headers: readonly string[]
  readonly framing: 'chunked' | 'length' | 'none'
  readonly sentAt: number
  readonly pieces: readonly { readonly at: number; readonly bytes: Uint8Array }[]
  /** When the body was proven whole; undefined when it was cut. */
  readonly endedAt: number | undefined
  /** What the recording server answered; undefined when the encoder was gone. */
  readonly status: number | undefined
  /** Everything of the body that was sent. */
  readonly body: Uint8Array
}

/** A recorded push of a real encoder. */
export interface Capture {
  readonly name: string
  readonly requests: readonly CapturedRequest[]
  /** When the encoder closed each connection; undefined where it never did. */
  readonly closedAt: ReadonlyMap<number, number | undefined>
}

interface RequestLine {
  n: number
  t: number
  conn: number
  method: string
  path: string
  headers: string[]
  framing: string
  chunkLog?: [number, number][]
  tEnd?: number
  end: string
  status?: number | null
  body?: string
}

/** Reads a recorded push from its folder. */
export function loadCapture(folder: string): Capture {
  const requests = readLines<RequestLine>(join(folder, 'requests.jsonl')).map((line) => readRequest(folder, line))
  const connections = readLines<{ id: number; tClientFin: number | null }>(join(folder, 'conns.jsonl'))
  const closedAt = new Map(connections.map(({ id, tClientFin }) => [id, tClientFin ?? undefined]))
  return { name: folder.slice(folder.lastIndexOf('/') + 1), requests, closedAt }
}

/** The folders of all recorded pushes below one. */
export function captureFolders(root: string): string[] {
  return readdirSync(root)
    .sort()
    .map((name) => join(root, name))
}

function readRequest(folder: string, line: RequestLine): CapturedRequest {
  const body = line.body === undefined ? new Uint8Array(0) : new Uint8Array(readFileSync(join(folder, line.body)))
  const ends = line.end === 'complete' ? line.tEnd : undefined
  return {
    n: line.n,
    connection: line.conn,
    method: line.method,
    target: line.path,
    headers: line.headers,
    framing: line.framing.startsWith('length') ? 'length' : line.framing === 'chunked' ? 'chunked' : 'none',
    sentAt: line.t,
    pieces: piecesOf(line, body),
    endedAt: ends,
    status: line.status ?? undefined,
    body,
  }
}

function piecesOf(line: RequestLine, body: Uint8Array): { at: number; bytes: Uint8Array }[] {
  const pieces: { at: number; bytes: Uint8Array }[] = []
  let start = 0
  for (const [at, size] of line.chunkLog ?? []) {
    pieces.push({ at, bytes: body.subarray(start, start + size) })
    start += size
  }
  if (start < body.length) pieces.push({ at: line.t, bytes: body.subarray(start) })
  return pieces
}

function readLines<T>(path: string): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

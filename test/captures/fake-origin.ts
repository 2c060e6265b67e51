import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RecordedBody, Recording } from '../../src/testing/index.ts'

/** An origin that serves whatever a test puts into it, right or wrong. */
export interface FakeOrigin {
  readonly url: string
  /** Paths below /live/streams/. */
  readonly files: Map<string, string>
  stop(): Promise<void>
}

/** Starts an origin on a free port. */
export async function startFakeOrigin(): Promise<FakeOrigin> {
  const files = new Map<string, string>()
  const server = createServer((request, response) => {
    const body = Buffer.from(files.get(decodeURIComponent(request.url ?? '').replace('/live/streams/', '')) ?? '')
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const status = body.length === 0 ? 404 : start === undefined ? 200 : 206
    response.writeHead(status).end(start === undefined ? body : body.subarray(Number(start), Number(end) + 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A recording whose uploads are sent at once when a test says so. */
export class FakeRecording implements Recording {
  readonly bodies: RecordedBody[] = []

  /** Sends an upload, now or at another time, in ms since the epoch. */
  send(name: string, text: string, at = Date.now()): void {
    this.bodies.push({ name, startedAt: at, wholeAt: at, bytes: new TextEncoder().encode(text) })
  }

  sentAt(body: RecordedBody): number | undefined {
    return body.wholeAt
  }
}

/** A media playlist of names; each lasts two seconds. */
export function listOf(first: number, names: readonly string[], more: readonly string[] = []): string {
  const entries = names.flatMap((name) => [
    '#EXTINF:2,',
    ...(name.startsWith('?') ? ['#EXT-X-GAP'] : []),
    name.slice(-4),
  ])
  return ['#EXTM3U', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${first}`, ...more, ...entries, ''].join('\n')
}

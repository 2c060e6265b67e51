import { connect } from 'node:net'

/** What came back on one connection. */
export interface Exchange {
  readonly status: number | undefined
  /** The stable code of a problem document. */
  readonly code: string | undefined
  /** Everything that came back. */
  readonly text: string
}

/** Sends raw bytes, closes that side, and gathers what comes back until the receiver closes. */
export function exchange(
  port: number,
  request: string | Uint8Array,
  options: { cut?: boolean } = {},
): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (more: string) => {
      text += more
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(readExchange(text)))
    if (options.cut === true) socket.write(request, () => socket.end())
    else socket.end(request)
  })
}

function readExchange(text: string): Exchange {
  const finals = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
    .map((match) => Number(match[1]))
    .filter((status) => status >= 200)
  return { status: finals[0], code: /"code":"([a-z-]+)"/.exec(text)?.[1], text }
}

/** A PUT as libavformat frames it. */
export function chunkedPut(target: string, body: Uint8Array | string, headers: readonly string[] = []): string {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('latin1')
  const chunk = text.length === 0 ? '' : `${text.length.toString(16)}\r\n${text}\r\n`
  return [
    `PUT ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Transfer-Encoding: chunked',
    'Connection: close',
    ...headers,
    '',
    `${chunk}0\r\n\r\n`,
  ].join('\r\n')
}

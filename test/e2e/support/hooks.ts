import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'

/** What a webhook told. */
export interface Told {
  readonly action: string
  readonly vodId?: string
  readonly vodName?: string
}

/** Who is told by webhooks, and takes what has a good signature. */
export interface Hooks {
  readonly url: string
  readonly secret: string
  /** In the order in which it came. */
  readonly told: readonly Told[]
  stop(): Promise<void>
}

/** Starts it on a free port of this machine. */
export async function startHooks(): Promise<Hooks> {
  const secret = `whsec_${Buffer.from('a secret of the test, long enough').toString('base64')}`
  const verifier = new Webhook(secret)
  const told: Told[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      told.push(verifier.verify(Buffer.concat(pieces).toString(), headers) as Told)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { url: `http://127.0.0.1:${port}/hook`, secret, told, stop }
}

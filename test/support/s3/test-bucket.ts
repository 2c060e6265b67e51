import { expect } from 'vitest'
import { ConfigError } from '../../../src/config/schema.ts'
import { startReceiver, type TestReceiver } from '../../../src/testing/index.ts'
import { until } from '../until.ts'
import { type S3Behaviour, type S3Server, startS3Server } from './server.ts'
import { s3Environment } from './settings.ts'

/** A bucket of one test, and the receivers that use it. */
export class TestBucket {
  readonly server: S3Server
  readonly #settings: Readonly<Record<string, string>>
  readonly #running = new Set<TestReceiver>()

  /** `settings` are those of all its receivers. */
  constructor(server: S3Server, settings: Readonly<Record<string, string>>) {
    this.server = server
    this.#settings = settings
  }

  async start(more: Record<string, string> = {}): Promise<TestReceiver> {
    const receiver = await startReceiver({ ...s3Environment(this.server.url), ...this.#settings, ...more })
    this.#running.add(receiver)
    return receiver
  }

  async end(receiver: TestReceiver, keepData: boolean): Promise<void> {
    this.#running.delete(receiver)
    await receiver.stop({ keepData })
  }

  /** Why a start was refused. */
  async refusal(more: Record<string, string> = {}): Promise<string> {
    const error: unknown = await this.start(more).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }

  /** Every request fails from now on. */
  goDown(): void {
    this.server.behaviour.fault = () => ({ kind: 'status', status: 503, code: 'SlowDown' })
  }

  comeBack(): void {
    this.server.behaviour.fault = () => undefined
  }

  /** What is there under a stored name of the app `live`. */
  has(name: string): string | undefined {
    return this.server.objects.get(`live/streams/${name}`)?.bytes.toString()
  }

  /** Resolves when a body is there under a stored name. */
  async stored(name: string, body: string): Promise<void> {
    await until(`${name} in the bucket`, () => (this.has(name) === body ? true : undefined))
  }

  async stop(): Promise<void> {
    this.comeBack()
    await Promise.all([...this.#running].map((receiver) => receiver.stop()))
    await this.server.stop()
  }
}

/** Gives a test a bucket of its own, so that tests which wait can wait together. */
export async function withBucket(
  use: (bucket: TestBucket) => Promise<void>,
  behaviour: Partial<S3Behaviour> = {},
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const bucket = new TestBucket(await startS3Server(behaviour), settings)
  try {
    await use(bucket)
  } finally {
    await bucket.stop()
  }
}

/** Uploads a file to the app `live`, and gives the status. */
export async function put({ url }: TestReceiver, name: string, body: string): Promise<number> {
  const answer = await fetch(`${url}/live/hls-upload/${name}`, { method: 'PUT', body })
  await answer.arrayBuffer()
  return answer.status
}

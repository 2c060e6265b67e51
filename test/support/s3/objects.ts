import { createHash, randomUUID } from 'node:crypto'
import { S3Error } from './s3-error.ts'

/** Least size of a part that is not the last, in bytes. */
const MIN_PART_BYTES = 5 * 1024 * 1024

/** An object as the test server keeps it. */
export interface TestObject {
  readonly key: string
  readonly bytes: Buffer
  readonly etag: string
  readonly modifiedAt: number
  /** Content-Type, Cache-Control and `x-amz-meta-…` by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
}

/** What must be so of the object that is there, as a write asks for it. */
export interface Condition {
  readonly ifNoneMatch: string | undefined
  readonly ifMatch: string | undefined
}

interface OpenUpload {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly begunAt: number
  readonly parts: Map<number, Buffer>
}

/** The objects of one bucket, and its uploads in parts; conditions are looked at in the step that writes. */
export class TestObjects {
  readonly #objects = new Map<string, TestObject>()
  readonly uploads = new Map<string, OpenUpload>()
  /** Its clock. */
  now: () => number = Date.now

  get(key: string): TestObject | undefined {
    return this.#objects.get(key)
  }

  /** All objects, in the order of their keys as UTF-8. */
  all(): TestObject[] {
    return [...this.#objects.values()].sort((one, other) =>
      Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)),
    )
  }

  put(key: string, bytes: Buffer, headers: Readonly<Record<string, string>>, condition: Condition): TestObject {
    this.#check(key, condition)
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
    const object = { key, bytes, etag, modifiedAt: this.now(), headers }
    this.#objects.set(key, object)
    return object
  }

  delete(key: string): void {
    this.#objects.delete(key)
  }

  begin(key: string, headers: Readonly<Record<string, string>>): string {
    const id = randomUUID()
    this.uploads.set(id, { key, headers, begunAt: this.now(), parts: new Map() })
    return id
  }

  putPart(id: string, number: number, bytes: Buffer): string {
    this.#upload(id).parts.set(number, bytes)
    return `"${createHash('md5').update(bytes).digest('hex')}"`
  }

  complete(id: string, numbers: readonly number[], condition: Condition): TestObject {
    const { key, headers, parts } = this.#upload(id)
    const bodies = numbers.map((number) => parts.get(number))
    const isSmall = bodies.slice(0, -1).some((body) => (body?.length ?? 0) < MIN_PART_BYTES)
    if (isSmall) throw new S3Error(400, 'EntityTooSmall')
    // As R2 wants them.
    if (new Set(bodies.slice(0, -1).map((body) => body?.length)).size > 1) throw new S3Error(400, 'InvalidPart')
    const object = this.put(key, Buffer.concat(bodies.flatMap((body) => body ?? [])), headers, condition)
    this.uploads.delete(id)
    return object
  }

  abort(id: string): void {
    this.#upload(id)
    this.uploads.delete(id)
  }

  #upload(id: string): OpenUpload {
    const upload = this.uploads.get(id)
    if (upload === undefined) throw new S3Error(404, 'NoSuchUpload')
    return upload
  }

  #check(key: string, { ifNoneMatch, ifMatch }: Condition): void {
    const found = this.#objects.get(key)
    if (ifNoneMatch === '*' && found !== undefined) throw new S3Error(412, 'PreconditionFailed')
    if (ifMatch === undefined) return
    if (found === undefined) throw new S3Error(404, 'NoSuchKey')
    if (found.etag !== ifMatch) throw new S3Error(412, 'PreconditionFailed')
  }
}

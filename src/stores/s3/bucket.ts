import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { PutOptions } from '../../core/object-store.ts'
import { nameOf } from './s3-errors.ts'
import type { S3Runtime, S3Settings } from './s3-settings.ts'

/** Metadata name of PutOptions.token. */
const TOKEN = 'hls-receiver-id'
/** Least size of the pieces that a body is framed in, in bytes. */
const STREAM_PIECE_BYTES = 64 * 1024
/** Parts of one upload that are sent at once; each is held in memory. */
const PARTS_AT_ONCE = 2

/** What a bucket says of an object. */
export interface FoundObject {
  readonly size: number
  readonly modifiedAt: number
  readonly token: string | undefined
}

/** An upload in parts that was begun and not ended. */
export interface OpenUpload {
  readonly key: string
  readonly uploadId: string
  /** Milliseconds since the epoch. */
  readonly begunAt: number
}

/** One page of uploads in parts; `next` is what the next one is asked for with. */
export interface UploadPage {
  readonly uploads: readonly OpenUpload[]
  readonly next: Pick<OpenUpload, 'key' | 'uploadId'> | undefined
}

/** One page of a listing, and what it says of each key. */
export interface BucketPage {
  readonly keys: readonly string[]
  readonly heads: readonly Pick<FoundObject, 'size' | 'modifiedAt'>[]
  readonly cursor: string | undefined
}

/** A bucket by the AWS SDK, which is known here alone; errors are the SDK's, nothing is tried twice. */
// Not `Bucket`: tsc 7.0.2 renames property keys that are called like the class they stand in.
export class S3Bucket {
  readonly #client: S3Client
  readonly #forViewers: S3Client
  readonly #settings: S3Settings

  constructor(settings: S3Settings, runtime: S3Runtime) {
    this.#settings = settings
    this.#client = new S3Client(clientConfig(settings, runtime.requestHandler))
    this.#forViewers = new S3Client(clientConfig(settings, runtime.viewerHandler))
    if (settings.checksums === 'when_required') signWithoutPayload(this.#client)
  }

  /** Puts `body`, bytes or what S3Runtime makes of a stream, in one request. */
  async put(key: string, body: unknown, size: number, options: PutOptions, signal: AbortSignal): Promise<void> {
    const input = { ...this.#input(key, options), Body: asBody(body), ContentLength: size }
    await this.#client.send(new PutObjectCommand(input), { abortSignal: signal })
  }

  /** Puts a stream in equal parts of `partBytes`; what fails is taken back. */
  async putParts(
    key: string,
    body: unknown,
    partBytes: number,
    options: PutOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const params = { ...this.#input(key, options), Body: asBody(body) }
    const upload = new Upload({ client: this.#client, params, partSize: partBytes, queueSize: PARTS_AT_ONCE })
    // It rejects what `done` gives; the abort's own failure leaves an upload for the sweep.
    signal.addEventListener('abort', () => void upload.abort().catch(() => undefined))
    await upload.done()
  }

  /**
   * Gets an object, or the range from `start` up to and without `end`; `signal` ends its body, too. Throws when it is missing. Whole
   * objects are read by the receiver itself, as fast as they come; ranges are for viewers.
   */
  async get(
    key: string,
    range: { readonly start: number; readonly end: number } | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly size: number; readonly modifiedAt: number }> {
    const client = range === undefined ? this.#client : this.#forViewers
    const found = await client.send(
      new GetObjectCommand({
        Bucket: this.#settings.bucket,
        Key: key,
        ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
      }),
      { abortSignal: signal },
    )
    const total = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1]
    return {
      body: found.Body as unknown as AsyncIterable<Uint8Array>,
      size: total === undefined ? (found.ContentLength ?? 0) : Number(total),
      modifiedAt: found.LastModified?.getTime() ?? 0,
    }
  }

  /** What is known of an object without its bytes. Throws when it is missing. */
  async head(key: string, signal: AbortSignal): Promise<FoundObject> {
    const input = { Bucket: this.#settings.bucket, Key: key }
    const found = await this.#client.send(new HeadObjectCommand(input), { abortSignal: signal })
    return {
      size: found.ContentLength ?? 0,
      modifiedAt: found.LastModified?.getTime() ?? 0,
      token: found.Metadata?.[TOKEN],
    }
  }

  /** Removes an object; one that is not there is no error. */
  async delete(key: string, signal: AbortSignal): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#settings.bucket, Key: key }), {
      abortSignal: signal,
    })
  }

  async list(prefix: string, cursor: string | undefined, signal: AbortSignal): Promise<BucketPage> {
    const found = await this.#client.send(
      new ListObjectsV2Command({
        Bucket: this.#settings.bucket,
        Prefix: prefix,
        ...(cursor === undefined ? {} : { ContinuationToken: cursor }),
      }),
      { abortSignal: signal },
    )
    const all = (found.Contents ?? []).flatMap(({ Key, Size, LastModified }) =>
      Key === undefined ? [] : [{ key: Key, head: { size: Size ?? 0, modifiedAt: LastModified?.getTime() ?? 0 } }],
    )
    const [keys, heads] = [all.map(({ key }) => key), all.map(({ head }) => head)]
    return { keys, heads, cursor: found.IsTruncated === true ? found.NextContinuationToken : undefined }
  }

  /** Uploads in parts below a prefix that were not ended, a page of up to 1,000. */
  async openUploads(prefix: string, after: UploadPage['next'], signal: AbortSignal): Promise<UploadPage> {
    const marker = after === undefined ? {} : { KeyMarker: after.key, UploadIdMarker: after.uploadId }
    const input = { Bucket: this.#settings.bucket, Prefix: prefix, ...marker }
    const found = await this.#client.send(new ListMultipartUploadsCommand(input), { abortSignal: signal })
    const uploads = (found.Uploads ?? []).flatMap(({ Key, UploadId, Initiated }) =>
      Key === undefined || UploadId === undefined
        ? []
        : [{ key: Key, uploadId: UploadId, begunAt: Initiated?.getTime() ?? 0 }],
    )
    const { IsTruncated, NextKeyMarker: key, NextUploadIdMarker: uploadId } = found
    const next = IsTruncated === true && key !== undefined && uploadId !== undefined ? { key, uploadId } : undefined
    return { uploads, next }
  }

  /** Begins an upload in parts, and gives its id. */
  async beginUpload(key: string, options: PutOptions, signal: AbortSignal): Promise<string> {
    const command = new CreateMultipartUploadCommand(this.#input(key, options))
    const { UploadId } = await this.#client.send(command, { abortSignal: signal })
    return UploadId ?? ''
  }

  /** Gives an upload in parts up; one that is not there is no error. */
  async abortUpload({ key, uploadId }: Pick<OpenUpload, 'key' | 'uploadId'>, signal: AbortSignal): Promise<void> {
    const input = { Bucket: this.#settings.bucket, Key: key, UploadId: uploadId }
    await this.#client.send(new AbortMultipartUploadCommand(input), { abortSignal: signal }).catch((error: unknown) => {
      if (nameOf(error) !== 'NoSuchUpload') throw error
    })
  }

  close(): void {
    this.#client.destroy()
    this.#forViewers.destroy()
  }

  #input(key: string, options: PutOptions): PutObjectCommandInput {
    const { bucket, acl, storageClass, encryption } = this.#settings
    const { contentType, cacheControl, ifAbsent, token } = options
    return {
      Bucket: bucket,
      Key: key,
      ContentType: contentType,
      ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
      ...(token === undefined ? {} : { Metadata: { [TOKEN]: token } }),
      ...(ifAbsent === true ? { IfNoneMatch: '*' } : {}),
      ...(acl === undefined ? {} : { ACL: acl as NonNullable<PutObjectCommandInput['ACL']> }),
      ...(storageClass === undefined
        ? {}
        : { StorageClass: storageClass as NonNullable<PutObjectCommandInput['StorageClass']> }),
      ...(encryption === undefined
        ? {}
        : { ServerSideEncryption: encryption as NonNullable<PutObjectCommandInput['ServerSideEncryption']> }),
    }
  }
}

/** Tries are counted, and time is measured, by those who ask; no step may wait for `100 Continue` (facts/s3.md section 2). */
function clientConfig(settings: S3Settings, requestHandler: object): S3ClientConfig {
  const { endpoint, region, forcePathStyle, credentials, checksums } = settings
  const calculated = checksums === 'when_supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  return {
    region,
    forcePathStyle,
    maxAttempts: 1,
    expectContinueHeader: false,
    requestChecksumCalculation: calculated,
    responseChecksumValidation: calculated,
    // Pieces of less than 8 KiB are refused where checksums are sent behind the body.
    requestStreamBufferSize: STREAM_PIECE_BYTES,
    requestHandler,
    // What it says is said by the errors that it throws.
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  }
}

/** Hashing each body for its signature costs up to two thirds of the CPU of an upload (facts/s3.md section 3). */
function signWithoutPayload(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request: { headers: Record<string, string> } }
      request.headers['x-amz-content-sha256'] ??= 'UNSIGNED-PAYLOAD'
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'unsignedPayload' },
  )
}

function asBody(body: unknown): NonNullable<PutObjectCommandInput['Body']> {
  return body as NonNullable<PutObjectCommandInput['Body']>
}

function ignore(): void {}

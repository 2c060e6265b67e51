import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { CREDENTIALS } from '../../support/s3/signature.ts'
import { sha256 } from '../../support/tree.ts'

/** An object of a bucket, as anybody else sees it. */
export interface SeenObject {
  readonly key: string
  readonly hash: string
  readonly bytes: Buffer
  readonly contentType: string
  readonly cacheControl: string
}

/** A look at buckets with a client of its own. */
export class Buckets {
  readonly #client: S3Client

  constructor(endpoint: string) {
    this.#client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: CREDENTIALS })
  }

  async create(bucket: string): Promise<void> {
    await this.#client.send(new CreateBucketCommand({ Bucket: bucket }))
  }

  /** Every object of a bucket of at most 1,000. */
  async objects(bucket: string): Promise<SeenObject[]> {
    return Promise.all((await this.keys(bucket)).map((key) => this.#object(bucket, key)))
  }

  /** The keys of a bucket of at most 1,000 objects. */
  async keys(bucket: string): Promise<string[]> {
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket: bucket }))
    return Contents.flatMap(({ Key }) => Key ?? [])
  }

  async openUploads(bucket: string): Promise<number> {
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    return Uploads.length
  }

  close(): void {
    this.#client.destroy()
  }

  async #object(bucket: string, key: string): Promise<SeenObject> {
    const found = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    const bytes = Buffer.from((await found.Body?.transformToByteArray()) ?? [])
    const { ContentType: contentType = '', CacheControl: cacheControl = '' } = found
    return { key, bytes, hash: sha256(bytes), contentType, cacheControl }
  }
}

/** What an S3 store is told of its bucket. */
export interface S3Settings {
  /** URL of the service; undefined for AWS itself. */
  readonly endpoint: string | undefined
  readonly region: string
  readonly bucket: string
  /** `https://HOST/BUCKET/KEY` instead of `https://BUCKET.HOST/KEY`. */
  readonly forcePathStyle: boolean
  /** Undefined: found by the standard AWS chain. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /** Canned ACL of new objects; undefined sends none, since buckets may refuse any. */
  readonly acl: string | undefined
  readonly storageClass: string | undefined
  /** `AES256` or `aws:kms`; undefined leaves it to the bucket. */
  readonly encryption: string | undefined
  /** Whether each upload carries a checksum, which some stores refuse. */
  readonly checksums: 'when_required' | 'when_supported'
}

/** What the runtime gives an S3 store. */
export interface S3Runtime {
  /** Bytes as a request body of this runtime, given up when `signal` aborts; `onError` is called when they break off. */
  bodyOf(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal, onError: (cause: unknown) => void): unknown
  /** How the SDK's HTTP handler is set up. */
  readonly requestHandler: object
  /** The same for what viewers read: with connections of its own, which may be silent as long as a viewer pauses. */
  readonly viewerHandler: object
}

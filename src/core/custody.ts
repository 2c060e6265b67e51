import { asReceiverError, ReceiverError } from './errors.ts'
import { BODY_WRITE_BYTES, INLINE_BODY_BYTES, MAX_TEXTS_BYTES, SMALL_PIECE_BYTES } from './limits.ts'
import type { BodyFile, BodyFiles, BodySource, Digest, Host } from './ports.ts'

/** A whole body that was read: small ones as bytes still to be committed, large ones durable in a file already. */
export interface HeldBody {
  readonly id: string
  /** Bytes. */
  readonly size: number
  /** SHA-256, lower-case hex. */
  readonly hash: string
  /** The body itself when it is small, or a text; undefined when it lies in a file under `id`. */
  readonly bytes: Uint8Array | undefined
}

/** Reads request bodies: small ones into memory, larger ones into a body file, never more than `limit` bytes. */
export class Custody {
  readonly #host: Host
  readonly #files: BodyFiles
  #textBytes = 0

  constructor(host: Host, files: BodyFiles) {
    this.#host = host
    this.#files = files
  }

  /**
   * Reads the body to its proven end. A text that is wanted in memory anyway stays there up to `limit`, as long as all
   * such texts together keep to MAX_TEXTS_BYTES. Throws `body-too-large`, `body-cut`, `disk-full` …; then nothing of it
   * is left.
   */
  async take(source: BodySource, limit: number, isText = false): Promise<HeldBody> {
    if ((source.declaredBytes ?? 0) > limit) throw new ReceiverError('body-too-large')
    const inMemory = isText && this.#textBytes + limit <= MAX_TEXTS_BYTES ? limit : INLINE_BODY_BYTES
    const reserved = inMemory === limit ? limit : 0
    this.#textBytes += reserved
    const reading = new BodyReading(this.#host, this.#files, limit, inMemory)
    try {
      await source.read((chunk) => reading.add(chunk))
      return await reading.finish()
    } catch (error) {
      await reading.discard()
      throw asReceiverError(error)
    } finally {
      this.#textBytes -= reserved
    }
  }

  /** Forgets a body that was held but is not needed. */
  async release(body: HeldBody): Promise<void> {
    if (body.bytes === undefined) await this.#files.remove([body.id])
  }
}

const NO_BLOCK = new Uint8Array(0)

class BodyReading {
  readonly #id: string
  readonly #files: BodyFiles
  readonly #limit: number
  readonly #inMemory: number
  readonly #digest: Digest
  #size = 0
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #block = NO_BLOCK
  #blockUsed = 0
  #file: BodyFile | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(host: Host, files: BodyFiles, limit: number, inMemory: number) {
    this.#id = host.nextId()
    this.#digest = host.createDigest()
    this.#files = files
    this.#limit = limit
    this.#inMemory = inMemory
  }

  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#size += chunk.length
    if (this.#size > this.#limit) throw new ReceiverError('body-too-large')
    this.#digest.update(chunk)
    this.#gather(chunk)
    this.#gatheredBytes += chunk.length
    const enough = this.#file === undefined ? this.#inMemory : BODY_WRITE_BYTES
    if (this.#gatheredBytes <= enough) return undefined
    this.#writing = this.#write()
    return this.#writing
  }

  /** Keeps a piece; small ones are copied together, so that memory follows the bytes and not their number. */
  #gather(chunk: Uint8Array): void {
    const isSmall = chunk.length < SMALL_PIECE_BYTES && this.#gathered.length > 0
    if (!isSmall || this.#block.length - this.#blockUsed < chunk.length) this.#sealBlock()
    if (!isSmall) {
      this.#gathered.push(chunk)
      return
    }
    if (this.#block.length === 0) this.#block = new Uint8Array(SMALL_PIECE_BYTES)
    this.#block.set(chunk, this.#blockUsed)
    this.#blockUsed += chunk.length
  }

  #sealBlock(): void {
    if (this.#blockUsed > 0) this.#gathered.push(this.#block.subarray(0, this.#blockUsed))
    this.#block = NO_BLOCK
    this.#blockUsed = 0
  }

  async finish(): Promise<HeldBody> {
    this.#sealBlock()
    const held = { id: this.#id, size: this.#size, hash: this.#digest.hex() }
    if (this.#file === undefined) return { ...held, bytes: concat(this.#gathered, this.#gatheredBytes) }
    if (this.#gatheredBytes > 0) await this.#write()
    await this.#file.finish()
    return { ...held, bytes: undefined }
  }

  async discard(): Promise<void> {
    this.#gathered = []
    // A cut comes at any time: the file must not be closed under a write that still runs. Should that write fail, the
    // body is given up all the same, and the error that led here is the one that is thrown.
    await this.#writing.catch(() => undefined)
    await this.#file?.discard()
  }

  async #write(): Promise<void> {
    this.#file ??= await this.#files.create(this.#id)
    this.#sealBlock()
    const chunks = this.#gathered
    this.#gathered = []
    this.#gatheredBytes = 0
    await this.#file.write(chunks)
  }
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks
  if (chunks.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

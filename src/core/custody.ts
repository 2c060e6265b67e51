import { asReceiverError, ReceiverError } from './errors.ts'
import { BODY_WRITE_BYTES, INLINE_BODY_BYTES } from './limits.ts'
import { PieceBuffer } from './piece-buffer.ts'
import type { BodyFile, BodyFiles, BodySource, Digest, Host } from './ports.ts'

/** A whole body that was read: small ones as bytes still to be committed, large ones durable in a file already. */
export interface HeldBody {
  readonly id: string
  /** Bytes. */
  readonly size: number
  /** SHA-256, lower-case hex. */
  readonly hash: string
  /** The body itself when it is small; undefined when it lies in a file under `id`. */
  readonly bytes: Uint8Array | undefined
}

/** A body on its way in, of which a playlist may name the part that is here already. */
export interface ArrivingBody {
  /** Ids are given when the reading begins: they tell the order in which uploads began. */
  readonly id: string
  /** Bytes that have come so far. */
  readonly received: number
  /** Whether no more will come: it is whole, or was cut. */
  readonly isOver: boolean
  /** Makes what has come so far durable under `id`, and tells how many bytes that is. Rejects when the body is cut. */
  makeDurable(): Promise<number>
  /** Calls `wake` once: as soon as `bytes` have come, or no more will come. */
  onReceived(bytes: number, wake: () => void): void
}

/** Called when a body begins to arrive; what it returns is called when it was cut: how many of its bytes are to be kept. */
export type OnArriving = (body: ArrivingBody) => () => number

/** Reads request bodies: small ones into memory, larger ones into a body file, never more than `limit` bytes. */
export class Custody {
  readonly #host: Host
  readonly #files: BodyFiles

  constructor(host: Host, files: BodyFiles) {
    this.#host = host
    this.#files = files
  }

  /**
   * Reads the body to its proven end. Throws `body-too-large`, `body-cut`, `disk-full` …; then nothing of it is left but
   * what playlists name already.
   */
  async take(source: BodySource, limit: number, onArriving?: OnArriving): Promise<HeldBody> {
    if ((source.declaredBytes ?? 0) > limit) throw new ReceiverError('body-too-large')
    const reading = new BodyReading(this.#host, this.#files, limit)
    const bytesToKeep = onArriving?.(reading)
    try {
      await source.read((chunk) => reading.add(chunk))
      return await reading.finish()
    } catch (error) {
      await reading.discard(bytesToKeep)
      throw asReceiverError(error)
    }
  }

  /** Forgets a body that was held but is not needed. */
  async release(body: HeldBody): Promise<void> {
    if (body.bytes === undefined) await this.#files.remove([body.id])
  }
}

class BodyReading implements ArrivingBody {
  readonly id: string
  readonly #files: BodyFiles
  readonly #limit: number
  readonly #digest: Digest
  readonly #gathered = new PieceBuffer()
  #size = 0
  #file: BodyFile | undefined
  #writing: Promise<void> = Promise.resolve()
  #isOver = false
  #wakeAt = Number.POSITIVE_INFINITY
  #wakers: { bytes: number; wake: () => void }[] = []

  constructor(host: Host, files: BodyFiles, limit: number) {
    this.id = host.nextId()
    this.#digest = host.createDigest()
    this.#files = files
    this.#limit = limit
  }

  get received(): number {
    return this.#size
  }

  get isOver(): boolean {
    return this.#isOver
  }

  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#size += chunk.length
    if (this.#size > this.#limit) throw new ReceiverError('body-too-large')
    this.#digest.update(chunk)
    this.#gathered.add(chunk)
    if (this.#size >= this.#wakeAt) this.#wake()
    const enough = this.#file === undefined ? INLINE_BODY_BYTES : BODY_WRITE_BYTES
    return this.#gathered.bytes <= enough ? undefined : this.#write()
  }

  async makeDurable(): Promise<number> {
    if (this.#isOver) throw new ReceiverError('body-cut')
    const size = this.#size
    await this.#write('sync')
    return size
  }

  onReceived(bytes: number, wake: () => void): void {
    if (this.#isOver || this.#size >= bytes) {
      wake()
      return
    }
    this.#wakers.push({ bytes, wake })
    this.#wakeAt = Math.min(this.#wakeAt, bytes)
  }

  async finish(): Promise<HeldBody> {
    const held = { id: this.id, size: this.#size, hash: this.#digest.hex() }
    this.#end()
    await this.#writing
    if (this.#file === undefined) return { ...held, bytes: this.#gathered.takeWhole() }
    if (this.#gathered.bytes > 0) await this.#write()
    await this.#file.finish()
    return { ...held, bytes: undefined }
  }

  async discard(bytesToKeep: (() => number) | undefined): Promise<void> {
    this.#end()
    this.#gathered.take()
    // A cut comes at any time: the file must not be closed under a write that still runs. Should that write fail, the
    // body is given up all the same, and the error that led here is the one that is thrown.
    await this.#writing.catch(() => undefined)
    const keep = bytesToKeep?.() ?? 0
    if (keep === 0) return this.#file?.discard()
    await this.#file?.finish()
    await this.#files.truncate(this.id, keep)
  }

  #end(): void {
    this.#isOver = true
    this.#wake()
  }

  #wake(): void {
    const reached = this.#isOver ? Number.POSITIVE_INFINITY : this.#size
    const ready = this.#wakers.filter(({ bytes }) => bytes <= reached)
    this.#wakers = this.#wakers.filter(({ bytes }) => bytes > reached)
    this.#wakeAt = this.#wakers.reduce((least, { bytes }) => Math.min(least, bytes), Number.POSITIVE_INFINITY)
    for (const { wake } of ready) wake()
  }

  /** Writes what is gathered, after what is being written: a playlist may ask for it at any time. */
  #write(then?: 'sync'): Promise<void> {
    const pieces = this.#gathered.take()
    this.#writing = this.#writing.then(async () => {
      this.#file ??= await this.#files.create(this.id)
      if (pieces.length > 0) await this.#file.write(pieces)
      if (then === 'sync') await this.#file.sync()
    })
    // Whoever waits for it sees it fail; nobody may be waiting.
    this.#writing.catch(ignore)
    return this.#writing
  }
}

function ignore(): void {}

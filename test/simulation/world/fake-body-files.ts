import { ReceiverError } from '../../../src/core/errors.ts'
import type { BodyContent, BodyFile, BodyFiles } from '../../../src/core/ports.ts'
import type { Surroundings } from './surroundings.ts'

/** How long a sync of a file may take: steps, or ms. */
const SLOWEST_SYNC = 80
/** How often each operation fails, of all. */
const FAILURE_CHANCE = 0.01

interface File {
  chunks: Uint8Array[]
  /** Bytes that survive the loss of power, and the name with them; undefined before the first sync. */
  synced: number | undefined
  /** What was cut off may come back until the next sync. */
  untruncated?: Uint8Array
}

/** Body files that keep apart what is written and what is synced; names that were removed may come back. */
export class FakeBodyFiles implements BodyFiles {
  readonly #world: Surroundings
  readonly #files = new Map<string, File>()
  /** Removed, but the folder was not synced since. */
  readonly #removed = new Map<string, File>()

  constructor(world: Surroundings, files: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#world = world
    for (const [id, bytes] of files) this.#files.set(id, { chunks: [bytes], synced: bytes.length })
  }

  async create(id: string): Promise<BodyFile> {
    await this.#world.turn()
    this.#world.mayFail(FAILURE_CHANCE, () => new ReceiverError('disk-full'))
    if (this.#files.has(id)) throw new Error(`body ${id} is there already`)
    const file: File = { chunks: [], synced: undefined }
    this.#files.set(id, file)
    return {
      write: async (chunks) => {
        await this.#world.turn()
        this.#world.mayFail(FAILURE_CHANCE, () => new ReceiverError('disk-full'))
        for (const chunk of chunks) file.chunks.push(chunk.slice())
      },
      sync: () => this.#sync(file),
      finish: () => this.#sync(file),
      discard: () => this.remove([id]),
    }
  }

  at(id: string, size: number): BodyContent {
    const find = () => this.#files.get(id)
    return {
      size,
      async *stream(start = 0, end = size) {
        const file = find()
        if (file === undefined) throw new Error(`body ${id} was removed while it was read`)
        yield bytesOf(file).subarray(start, end)
      },
    }
  }

  async open(id: string): Promise<BodyContent | null> {
    const file = this.#files.get(id)
    return file === undefined ? null : this.at(id, bytesOf(file).length)
  }

  async truncate(id: string, size: number): Promise<void> {
    const file = this.#files.get(id)
    if (file === undefined) throw new Error(`body ${id} is not here`)
    file.untruncated = bytesOf(file)
    file.chunks = [file.untruncated.slice(0, size)]
    file.synced = Math.min(file.synced ?? 0, size)
    await this.#sync(file)
  }

  async list(): Promise<string[]> {
    return [...this.#files.keys()]
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#world.turn()
    for (const id of ids) {
      const file = this.#files.get(id)
      if (file === undefined) continue
      this.#files.delete(id)
      this.#removed.set(id, file)
    }
  }

  async #sync(file: File): Promise<void> {
    const { length } = bytesOf(file)
    await this.#world.turn(SLOWEST_SYNC)
    this.#world.mayFail(FAILURE_CHANCE, () => new ReceiverError('storage-unavailable'))
    file.synced = Math.max(file.synced ?? 0, length)
    delete file.untruncated
  }

  /** What is found after the power came back: synced files whole; others lost, cut, or whole; removed ones by chance. */
  afterPowerLoss(world: Surroundings): FakeBodyFiles {
    const { random } = world
    const kept = new Map<string, Uint8Array>()
    for (const [id, file] of [...this.#files, ...this.#removed]) {
      const safe = this.#files.has(id) ? file.synced : undefined
      if (safe === undefined && random.next() < 0.5) continue
      const bytes = file.untruncated !== undefined && random.next() < 0.5 ? file.untruncated : bytesOf(file)
      kept.set(id, bytes.slice(0, random.whole(file.synced ?? 0, bytes.length)))
    }
    return new FakeBodyFiles(world, kept)
  }
}

function bytesOf(file: File): Uint8Array {
  return new Uint8Array(Buffer.concat(file.chunks))
}

import { ReceiverError } from '../../src/core/errors.ts'
import type { BodyContent, BodyFile, BodyFiles } from '../../src/core/ports.ts'
import type { World } from './world.ts'

/** Steps that may go by before a sync of a file is done. */
const SLOWEST_SYNC = 80
/** How often each operation fails, of all. */
const FAILURE_CHANCE = 0.01

interface File {
  chunks: Uint8Array[]
  /** Data and name survive the loss of power. */
  isSynced: boolean
}

/** Body files that keep apart what is written and what is synced; names that were removed may come back. */
export class FakeBodyFiles implements BodyFiles {
  readonly #world: World
  readonly #files = new Map<string, File>()
  /** Removed, but the folder was not synced since. */
  readonly #removed = new Map<string, File>()

  constructor(world: World, files: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#world = world
    for (const [id, bytes] of files) this.#files.set(id, { chunks: [bytes], isSynced: true })
  }

  async create(id: string): Promise<BodyFile> {
    await this.#world.turn()
    this.#world.mayFail(FAILURE_CHANCE, () => new ReceiverError('disk-full'))
    if (this.#files.has(id)) throw new Error(`body ${id} is there already`)
    const file: File = { chunks: [], isSynced: false }
    this.#files.set(id, file)
    return {
      write: async (chunks) => {
        await this.#world.turn()
        this.#world.mayFail(FAILURE_CHANCE, () => new ReceiverError('disk-full'))
        for (const chunk of chunks) file.chunks.push(chunk.slice())
      },
      finish: async () => {
        await this.#world.turn(SLOWEST_SYNC)
        this.#world.mayFail(FAILURE_CHANCE, () => new ReceiverError('storage-unavailable'))
        file.isSynced = true
      },
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

  /** What is found after the power came back: synced files whole; others lost, cut, or whole; removed ones by chance. */
  afterPowerLoss(world: World): FakeBodyFiles {
    const { random } = world
    const kept = new Map<string, Uint8Array>()
    for (const [id, file] of [...this.#files, ...this.#removed]) {
      const isSafe = file.isSynced && this.#files.has(id)
      if (!isSafe && random.next() < 0.5) continue
      const bytes = bytesOf(file)
      kept.set(id, file.isSynced ? bytes : bytes.slice(0, random.whole(0, bytes.length)))
    }
    return new FakeBodyFiles(world, kept)
  }
}

function bytesOf(file: File): Uint8Array {
  return new Uint8Array(Buffer.concat(file.chunks))
}

import type { WrittenEntry } from './encoder-text.ts'
import { ReferenceModel } from './reference-model.ts'
import type { Seen, TrueVersion } from './truth.ts'

/** The model of a playlist over all its lives: after its stream was removed it is told as if nothing had been before. */
export class LastingModel {
  readonly #name: string
  #model: ReferenceModel
  /** What it was told of each run, in order. */
  #told: { readonly run: number; readonly tell: (model: ReferenceModel) => void }[] = []
  #run = 0
  #bornAt = 0

  constructor(name: string) {
    this.#name = name
    this.#model = new ReferenceModel(name)
  }

  /** Forgets what it was told of runs that are not of its new life. */
  forget(isNew: (run: number) => boolean): void {
    // Whose runs are whose nobody can tell there.
    if (this.hasRival) return
    this.#told = this.#told.filter(({ run }) => isNew(run))
    this.#model = new ReferenceModel(this.#name)
    for (const { tell } of this.#told) tell(this.#model)
    this.#model.started(this.#bornAt)
  }

  /** Whether two encoders send under its name. */
  get hasRival(): boolean {
    return this.#model.hasRival
  }

  /** All entries that were written, by what their encoder calls them, whether any version names them or not. */
  get written(): ReadonlyMap<string, WrittenEntry> {
    return this.#model.written
  }

  /** The newest acknowledged version, by what it says. */
  get newest(): TrueVersion | undefined {
    return this.#model.newest
  }

  /** What was sent does not tell what is to be served: only what holds anyway is checked from now on. */
  giveUp(): void {
    this.#tell((model) => model.giveUp())
  }

  /** Other bytes are sent under a name that came before: until the next version that may as well be a new run. */
  doubt(at: number): void {
    this.#tell((model) => model.doubt(at))
  }

  /** Two encoders send under one name. */
  rival(): void {
    this.#model.rival()
  }

  /** Whether the entry is served as a segment. */
  isShown(id: string): boolean {
    return this.#model.isShown(id)
  }

  /** Whether nobody can tell the run of an entry from another one. */
  isUntold(id: string): boolean {
    return this.#model.isUntold(id)
  }

  /** An encoder has a segment to send. */
  write(entry: WrittenEntry): void {
    this.#run = entry.run
    this.#tell((model) => model.write(entry))
  }

  /** An encoder begins to send a version. */
  sent(version: TrueVersion, at: number): void {
    this.#tell((model) => model.sent(version, at), version.run)
  }

  /** A version that was sent at `sentAt` was acknowledged. */
  acknowledged(version: TrueVersion, sentAt: number, at: number): void {
    this.#tell((model) => model.acknowledged(version, sentAt, at), version.run)
  }

  /** The receiver began to run, with what it had made durable. */
  started(at: number): void {
    this.#bornAt = at
    this.#model.started(at)
  }

  /** Takes what is served from now on, and tells what is wrong with it. */
  see(seen: Seen, at: number): string[] {
    return this.#model.see(seen, at)
  }

  /** What should be served by `at` and is not; nothing changed since it was seen, and storage failed at `failedAt` last. */
  late(at: number, failedAt: number): string[] {
    return this.#model.late(at, failedAt)
  }

  #tell(tell: (model: ReferenceModel) => void, run = this.#run): void {
    this.#told.push({ run, tell })
    tell(this.#model)
  }
}

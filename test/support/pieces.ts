import { ReceiverError } from '../../src/core/errors.ts'
import type { BodySource } from '../../src/core/ports.ts'

/** A body that is told what comes next. */
export class Pieces implements BodySource {
  readonly declaredBytes = undefined
  readonly #told: (Uint8Array | 'end' | 'cut')[] = []
  #wake = () => {}

  push(piece: Uint8Array | 'end' | 'cut'): void {
    this.#told.push(piece)
    this.#wake()
  }

  async read(take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void> {
    for (;;) {
      const piece = this.#told.shift()
      if (piece === 'end') return
      if (piece === 'cut') throw new ReceiverError('body-cut')
      if (piece !== undefined) await take(piece)
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }
}

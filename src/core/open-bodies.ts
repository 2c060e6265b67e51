import type { Placing } from './catalog.ts'
import type { ArrivingBody } from './custody.ts'
import { baseName } from './upload-path.ts'

/** An upload that is running, and the name it comes under. */
export interface OpenBody {
  readonly at: Placing
  readonly body: ArrivingBody
}

/** The uploads that are running: a playlist may name byte ranges of a body long before its end. */
export class OpenBodies {
  /** By app and last name part. */
  readonly #bodies = new Map<string, Set<OpenBody>>()

  /** Takes note of an upload until the returned function is called. */
  add(at: Placing, body: ArrivingBody): () => void {
    const key = `${at.app}/${baseName(at.name)}`
    const bodies = this.#bodies.get(key) ?? new Set()
    const open = { at, body }
    this.#bodies.set(key, bodies.add(open))
    return () => {
      bodies.delete(open)
      if (bodies.size === 0) this.#bodies.delete(key)
    }
  }

  /** The uploads whose name ends with this part, those that began first come first. */
  called(app: string, base: string): OpenBody[] {
    return [...(this.#bodies.get(`${app}/${base}`) ?? [])]
  }
}

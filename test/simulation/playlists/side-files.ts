import type { Random } from '../../support/random.ts'
import { newBody, newResource, sideFile } from './encoder-files.ts'
import type { Habits } from './habits.ts'
import type { Post } from './post.ts'
import { NOTHING, type Resource } from './truth.ts'

/** A file beside the segments, and the attributes of the tag that names it. */
export interface SideFile {
  readonly resource: Resource
  readonly attributes: string
}

/** Sends the key and the init section of one life. */
export class SideFiles {
  readonly #habits: Habits
  readonly #post: Post
  readonly #label: string

  constructor(habits: Habits, post: Post, label: string) {
    this.#habits = habits
    this.#post = post
    this.#label = label
  }

  /** Sends the key; `lost` is called when it does not come. */
  sendKey(at: number, lost: () => void): SideFile {
    const { name, uri } = sideFile(this.#habits, '.key')
    const resource = newResource()
    this.#post.resource(name, sideBytes(this.#post.random, 'key', this.#label), at, resource, {
      lost: () => {
        lost()
        // One that was sent before may still be in use.
        this.#post.standIn(name, resource)
        resource.alike.add(NOTHING)
      },
    })
    return { resource, attributes: `METHOD=AES-128,URI="${uri}",IV=0x00000000000000000000000000000001` }
  }

  /** Sends the init section; a life that is appended may go on with the one before. */
  sendInit(at: number, isAppended: boolean): SideFile {
    const { name, uri } = sideFile(this.#habits, '_init.mp4')
    const resource = newResource()
    const lost = () => (isAppended ? this.#post.standIn(name, resource) : undefined)
    this.#post.resource(name, sideBytes(this.#post.random, 'init', this.#label), at, resource, { lost })
    return { resource, attributes: `URI="${uri}"` }
  }
}

/** The bytes of a file beside the segments, which are other ones in each life. */
export function sideBytes(random: Random, what: string, label: string): Uint8Array {
  return newBody(random, `${what} of ${label}`, true)
}

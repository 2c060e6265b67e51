import { bodyMaker, piecesOf, type TestBody } from '../support/bodies.ts'
import type { Random } from '../support/random.ts'
import { type Cut, RawConnection } from '../support/raw-connection.ts'
import { sha256 } from '../support/tree.ts'
import type { Ledger } from './ledger.ts'
import { playlistText } from './playlist-text.ts'

/** What a load of uploads needs to know. */
export interface LoadOptions {
  readonly port: number
  readonly ledger: Ledger
  readonly random: Random
  /** Begins every name, so that no two loads share one. */
  readonly label: string
  /** Called at once with the count of 2xx answers of this load. */
  readonly onAcknowledged: (count: number) => void
  /** True from the moment the server is told, or made, to end. */
  readonly isEnding: () => boolean
}

const WORKERS = 12
const KIB = 1024
/** Small ones more often, as they cost less to check after each of many restarts. */
const SIZES = [400, 400, 400, 400, 400, 20 * KIB, 20 * KIB, 20 * KIB, 20 * KIB, 200 * KIB, 200 * KIB, 1024 * KIB]
const PIECE_BYTES = [1000, 32 * KIB, 32 * KIB, 64 * KIB]
const CUTS: readonly Cut[] = ['destroy', 'reset', 'without-last-chunk', 'inside-chunk', 'short-of-length']
const CUT_SHARE = 0.25
const PLAYLIST_SHARE = 0.25
const LENGTH_SHARE = 0.2

/** Uploads from many clients at once, some cut on purpose, until the server ends or answers wrongly. */
export async function runLoad(options: LoadOptions): Promise<void> {
  const counter = { count: 0 }
  const workers = Array.from({ length: WORKERS }, (_, index) => new Worker(options, index, counter))
  await Promise.all(workers.map((worker) => worker.run()))
}

class Worker {
  readonly #options: LoadOptions
  readonly #random: Random
  readonly #bodyOf: (label: string, size: number) => TestBody
  readonly #counter: { count: number }
  readonly #name: string
  readonly #folder: string
  readonly #keepsAlive: boolean
  readonly #segments: string[] = []
  #connection: RawConnection | undefined
  #number = 0

  constructor(options: LoadOptions, index: number, counter: { count: number }) {
    this.#options = options
    this.#random = options.random.fork(index)
    this.#bodyOf = bodyMaker(this.#random)
    this.#counter = counter
    this.#name = `${options.label}w${String(index).padStart(2, '0')}`
    this.#folder = index % 3 === 2 ? `f${index}/` : ''
    this.#keepsAlive = index % 2 === 0
  }

  async run(): Promise<void> {
    const { ledger, isEnding } = this.#options
    while (!isEnding() && ledger.wrongAnswers.length === 0) {
      const isPlaylist = this.#segments.length > 0 && this.#random.next() < PLAYLIST_SHARE
      const isCut = this.#random.next() < CUT_SHARE
      this.#number++
      if (isPlaylist) await this.#playlist(isCut)
      else await this.#segment(isCut)
    }
    await this.#connection?.end()
  }

  async #segment(isCut: boolean): Promise<void> {
    const { ledger } = this.#options
    const base = `${this.#name}-${String(this.#number).padStart(5, '0')}.ts`
    const name = this.#folder + base
    const body = this.#bodyOf(name, this.#random.pick(SIZES))
    if (isCut) {
      ledger.cutNames.add(name)
      await this.#cut(name, body.bytes)
    } else if (await this.#put(name, body.bytes, body.hash)) {
      ledger.segments.set(name, body.hash)
      this.#segments.push(base)
    } else ledger.unanswered.set(name, body.hash)
  }

  async #playlist(isCut: boolean): Promise<void> {
    const name = `${this.#folder}${this.#name}.m3u8`
    const text = playlistText(this.#segments, `${this.#name} ${this.#number}`, this.#number % 5 === 0)
    if (isCut) return this.#cut(name, text)
    const sent = this.#options.ledger.playlist(name)
    const index = sent.texts.push(text) - 1
    if (await this.#put(name, text, sha256(text))) sent.newest = index
  }

  /** True when it was answered 2xx; false when the server died first. */
  async #put(name: string, body: Uint8Array, hash: string): Promise<boolean> {
    const { ledger, onAcknowledged, isEnding } = this.#options
    ledger.whole.add(hash)
    const connection = this.#open()
    const length = this.#random.next() < LENGTH_SHARE ? body.length : undefined
    const status = await connection.put(target(name), piecesOf(body, this.#random.pick(PIECE_BYTES)), length)
    if (status === 200 || status === 201) {
      ledger.acknowledged++
      onAcknowledged(++this.#counter.count)
    } else if (status !== undefined || !isEnding()) ledger.wrongAnswers.push(`${name}: ${status ?? 'no answer'}`)
    if (!this.#keepsAlive) await connection.end()
    return status === 200 || status === 201
  }

  async #cut(name: string, body: Uint8Array): Promise<void> {
    const { ledger } = this.#options
    const status = await this.#open().cut(target(name), body, this.#random.pick(CUTS))
    ledger.cuts++
    if (status !== undefined && status < 400) ledger.wrongAnswers.push(`${name}, cut: ${status}`)
  }

  #open(): RawConnection {
    if (!this.#keepsAlive || this.#connection?.isOpen !== true) {
      this.#connection = new RawConnection(this.#options.port)
    }
    return this.#connection
  }
}

function target(name: string): string {
  return `/live/hls-upload/${name}`
}

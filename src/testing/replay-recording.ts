import type { CapturedRequest } from './capture.ts'
import { encoderNameOf, type RecordedBody, type Recording } from './recording.ts'

/** What a capture's encoder sent, and when a replay of it, maybe a mutated one, has sent it again. */
export class ReplayRecording implements Recording {
  readonly bodies: readonly RecordedBody[]
  readonly #requestOf = new Map<RecordedBody, number>()
  readonly #sent = new Map<number, { bytes: number; isWhole: boolean; at: number }[]>()

  /** Takes the original requests that a receiver may accept, in the order of sending, and where each goes to. */
  constructor(requests: readonly CapturedRequest[], targetOf: (target: string) => string) {
    this.bodies = requests.map((request) => {
      const { sentAt: startedAt, endedAt: wholeAt, body: bytes } = request
      const body = { name: encoderNameOf(targetOf(request.target)), startedAt, wholeAt, bytes }
      this.#requestOf.set(body, request.n)
      return body
    })
  }

  /** For `onSent` of a replay; requests with one `n` are the same upload. */
  readonly onSent = (request: CapturedRequest, bytes: number, isWhole: boolean): void => {
    const sent = this.#sent.get(request.n) ?? []
    sent.push({ bytes, isWhole, at: Date.now() })
    this.#sent.set(request.n, sent)
  }

  sentAt(body: RecordedBody, end: number | undefined): number | undefined {
    const sent = this.#sent.get(this.#requestOf.get(body) ?? -1)
    return sent?.find(({ bytes, isWhole }) => (end === undefined ? isWhole : bytes >= end))?.at
  }
}

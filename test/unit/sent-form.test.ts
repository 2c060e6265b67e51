import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import type { BodySource } from '../../src/core/ports.ts'
import { sentForm } from '../../src/node/sent-form.ts'

const CRLF = '\r\n'
const TYPE = 'multipart/form-data; boundary=edge'

function bodyOf(pieces: readonly Uint8Array[], end: () => Promise<void> = async () => {}): BodySource {
  return {
    declaredBytes: undefined,
    async read(take) {
      for (const piece of pieces) await take(piece)
      await end()
    },
  }
}

/** The bytes of a form, cut at these places. */
function piecesOf(file: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const field = `--edge${CRLF}Content-Disposition: form-data; name="metadata"${CRLF}${CRLF}behind${CRLF}--edge--${CRLF}`
  const head = `--edge${CRLF}Content-Disposition: form-data; name="file"; filename="é.mp4"${CRLF}${CRLF}`
  const whole = Buffer.concat([Buffer.from(head), file, Buffer.from(CRLF + field)])
  const places = [...new Set([0, ...cuts.map((cut) => cut % whole.length), whole.length])].sort(
    (one, other) => one - other,
  )
  return places.slice(1).map((place, index) => whole.subarray(places[index], place))
}

/** Files that hold what looks like the end of one. */
const tricky = fc
  .array(
    fc.oneof(
      fc.constantFrom('--edge', `${CRLF}--edg`, CRLF, '--', `${CRLF}--`, '\r', '\n').map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.concat(pieces))
  .filter((bytes) => !bytes.includes(`${CRLF}--edge`) && !bytes.subarray(0, 6).equals(Buffer.from('--edge')))

test('however a form is cut into pieces, the file comes byte for byte, one piece at a time', async () => {
  await fc.assert(
    fc.asyncProperty(tricky, fc.array(fc.nat(), { maxLength: 8 }), async (file, cuts) => {
      const form = sentForm(bodyOf(piecesOf(file, cuts)), TYPE)
      const taken: Uint8Array[] = []
      let isBusy = false
      await form.file.read(async (chunk) => {
        expect(isBusy).toBe(false)
        isBusy = true
        await Promise.resolve()
        taken.push(Uint8Array.from(chunk))
        isBusy = false
      })
      expect(Buffer.concat(taken).equals(file)).toBe(true)
      expect(form.field('metadata')).toBe('behind')
    }),
  )
})

const codeOf = (read: Promise<void>) =>
  read.then(
    () => 'read',
    (error: unknown) => (error instanceof ReceiverError ? error.code : error),
  )

test('a form that breaks off anywhere is never whole', async () => {
  const whole = Buffer.concat(piecesOf(Buffer.from('some file'), []))
  for (let length = 0; length < whole.length - CRLF.length; length += 7) {
    const form = sentForm(bodyOf([whole.subarray(0, length)]), TYPE)
    expect(await codeOf(form.file.read(() => undefined)), String(length)).toBe('form-invalid')
  }
})

test('why a body could not be read, or a piece not be taken, is told as it is', async () => {
  const pieces = piecesOf(Buffer.from('some file'), [100])
  const cut = bodyOf(pieces.slice(0, 1), () => Promise.reject(new ReceiverError('body-cut')))
  expect(await codeOf(sentForm(cut, TYPE).file.read(() => undefined))).toBe('body-cut')
  const full = new Error('planted')
  for (const take of [
    () => Promise.reject(full),
    () => {
      throw full
    },
  ]) {
    expect(await codeOf(sentForm(bodyOf(pieces), TYPE).file.read(take))).toBe(full)
  }
})

test.each(['multipart/form-data', 'text/plain', '', 'multipart/form-data; boundary='])('%j is no form', (type) => {
  expect(() => sentForm(bodyOf([]), type)).toThrow(ReceiverError)
})

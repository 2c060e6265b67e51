import type { Readable } from 'node:stream'
import busboy from 'busboy'
import { ReceiverError } from '../core/errors.ts'
import type { BodySource } from '../core/ports.ts'
import type { SentForm } from '../http/runtime.ts'

/** Parts that a form may have. */
const MAX_PARTS = 16
/** Largest field beside the file, in bytes. */
const MAX_FIELD_BYTES = 64 * 1024

type Take = (chunk: Uint8Array) => Promise<void> | undefined

/** A form in a body, taken apart as it comes: no more of the file is held than the pieces of one read. Throws `form-invalid`. */
export function sentForm(body: BodySource, contentType: string): SentForm {
  const parser = parserFor(contentType)
  const fields = new Map<string, string>()
  return {
    file: {
      // What is declared is the whole form's.
      declaredBytes: undefined,
      read: (take) => readForm(body, parser, fields, take),
    },
    field: (name) => fields.get(name),
  }
}

function parserFor(contentType: string): busboy.Busboy {
  try {
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      limits: { parts: MAX_PARTS, fieldSize: MAX_FIELD_BYTES },
    })
  } catch (cause) {
    throw new ReceiverError('form-invalid', undefined, { cause })
  }
}

async function readForm(body: BodySource, parser: busboy.Busboy, fields: Map<string, string>, take: Take) {
  const parts = partsOf(parser, fields, take)
  let refuse: (cause: unknown) => void = () => {}
  parts.catch((cause: unknown) => {
    refuse(cause)
    parser.destroy()
  })
  const write = (chunk: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      refuse = reject
      parser.write(chunk, (cause) => (cause ? reject(cause) : resolve()))
    })
  try {
    await body.read(write)
    parser.end()
  } catch (cause) {
    parser.destroy(cause instanceof Error ? cause : new Error(String(cause)))
  }
  await parts
}

/** Resolves when all parts have been read, the file among them. */
function partsOf(parser: busboy.Busboy, fields: Map<string, string>, take: Take): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = (cause?: unknown) => {
      reject(cause instanceof ReceiverError ? cause : new ReceiverError('form-invalid', undefined, { cause }))
    }
    let hasFile = false
    parser.on('file', (name, part) => {
      part.on('error', broken)
      if (name !== 'file' || hasFile) {
        part.resume()
        return
      }
      hasFile = true
      handOver(part, take, reject)
    })
    parser.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) broken()
      else fields.set(name, value)
    })
    parser.on('partsLimit', () => broken())
    parser.on('error', broken)
    parser.on('close', () => (hasFile ? resolve() : broken()))
  })
}

/** Hands over what comes; while it is being taken nothing more is read. */
function handOver(part: Readable, take: Take, fail: (cause: unknown) => void): void {
  part.on('data', (chunk: Uint8Array) => {
    try {
      const taken = take(chunk)
      if (taken === undefined) return
      part.pause()
      taken.then(() => part.resume(), fail)
    } catch (cause) {
      fail(cause)
    }
  })
}

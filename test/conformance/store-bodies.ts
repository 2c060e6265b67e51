import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentOf } from '../../src/core/catalog.ts'
import type { BodyContent } from '../../src/core/ports.ts'
import { fileContent } from '../../src/node/disk-body-files.ts'

const PIECE_BYTES = 16 * 1024

/** The forms in which a body comes to a store. */
export const BODY_FORMS = ['bytes', 'stream', 'path'] as const
export type BodyForm = (typeof BODY_FORMS)[number]

/** Bytes that tell any piece of one body from the same piece of another. */
export function bytesOf(label: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(size)
  bytes.fill(`${label};`)
  return new Uint8Array(bytes)
}

/** The bytes as a body of the wanted form; `path` ones lie in `folder`. */
export async function bodyOf(form: BodyForm, bytes: Uint8Array, folder: string): Promise<BodyContent> {
  if (form === 'bytes') return contentOf(bytes)
  if (form === 'stream') return streamBody(bytes.length, () => pieces(bytes))
  const path = join(folder, randomUUID())
  await writeFile(path, bytes)
  return fileContent(path, bytes.length)
}

/** A body that is only a stream. */
export function streamBody(size: number, run: () => AsyncGenerator<Uint8Array>): BodyContent {
  return { size, stream: run }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** All bytes of a stream. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}

import { fileURLToPath } from 'node:url'
import type { Capture } from '../../src/testing/capture.ts'

const ROOT = fileURLToPath(new URL('../../fixtures/expected', import.meta.url))

/** Where the text stands that a capture's playlist has in the end. */
export function expectedFile(capture: Capture, path: string): string {
  return `${ROOT}/${capture.name}/${path}`
}

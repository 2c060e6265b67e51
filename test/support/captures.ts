import { fileURLToPath } from 'node:url'
import { type Capture, type CapturedRequest, captureFolders, loadCapture } from '../../src/testing/index.ts'

const ROOT = fileURLToPath(new URL('../../fixtures/captures', import.meta.url))

/** Every recorded push of fixtures/captures. */
export const captures: readonly Capture[] = captureFolders(ROOT).map(loadCapture)

/** Settings that the recorded pushes need: YouTube's path is an endpoint, and the credentials that were shown are keys. */
export function settingsFor(capture: Capture): Record<string, string> {
  return {
    INGEST_MOUNTS: '/http_upload_hls=live',
    ...(capture.name.startsWith('auth-basic') ? { INGEST_KEYS: 'pass' } : {}),
  }
}

/** The recorded paths `/live/…` and `/keys/…` as uploads to the app `live`. */
export function uploadTarget(target: string): string {
  if (target.startsWith('/http_upload_hls')) return target
  return `/live/hls-upload${target.replace(/^\/live(?=\/)/, '')}`
}

/** Whether a recorded request is an upload that a receiver keeps: whole, with a body, and not refused. */
export function isKept(request: CapturedRequest): boolean {
  const isUpload = request.method === 'PUT' || request.method === 'POST'
  const isRefused = request.status === 401 || request.headers.some((line) => /^Content-Range:/i.test(line))
  return isUpload && !isRefused && request.endedAt !== undefined && request.body.length > 0
}

/** Whether a request carries a playlist. */
export function isPlaylist(request: CapturedRequest): boolean {
  return new TextDecoder().decode(request.body.subarray(0, 7)) === '#EXTM3U'
}

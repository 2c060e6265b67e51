import { fileURLToPath } from 'node:url'
import { type Capture, type CapturedRequest, captureFolders, loadCapture } from '../../src/testing/capture.ts'
import { encoderNameOf, isPlaylistBody, servedNameOf } from '../../src/testing/recording.ts'

const ROOT = fileURLToPath(new URL('../../fixtures/captures', import.meta.url))
const PATH_KEY = 's3cret-upload-key'
/** Where the recorded pushes believe that they upload to: another name of the receiver, and a key in the path. */
const UPLOAD_URL = `http://ingest.example/live/k/${PATH_KEY}/hls-upload/`

/** Every recorded push of fixtures/captures; absolute URLs in their playlists are upload URLs, as they were. */
export const captures: readonly Capture[] = captureFolders(ROOT).map(loadCapture).map(withUploadUrls)

function withUploadUrls(capture: Capture): Capture {
  const retarget = (bytes: Uint8Array) => {
    const text = new TextDecoder().decode(bytes)
    return new TextEncoder().encode(text.replace(/http:\/\/127\.0\.0\.1:\d+\/live\//g, UPLOAD_URL))
  }
  const requests = capture.requests.map((request) => {
    if (!isPlaylist(request) || request.framing !== 'chunked') return request
    const pieces = [{ at: request.pieces.at(-1)?.at ?? request.sentAt, bytes: retarget(request.body) }]
    return { ...request, pieces, body: retarget(request.body) }
  })
  return { ...capture, requests }
}

/** Settings that the recorded pushes need: YouTube's path is an endpoint, and the credentials that were shown are keys. */
export function settingsFor(capture: Capture): Record<string, string> {
  return {
    INGEST_MOUNTS: '/http_upload_hls=live',
    ...(capture.name.startsWith('auth-basic') ? { INGEST_KEYS: 'pass' } : {}),
  }
}

/** The ingest key that a push shows: its password, YouTube's `cid`, or else the one in the path. */
export function ingestKeyOf({ name }: Capture): string {
  if (name.startsWith('auth-basic')) return 'pass'
  return name === 'obs-youtube-hls' ? 'abcd-efgh' : PATH_KEY
}

/** As `uploadTarget`, with the key in the path where the push has no other. */
export function keyedTarget(capture: Capture): (target: string) => string {
  return (target) =>
    ingestKeyOf(capture) === PATH_KEY
      ? uploadTarget(target).replace('/hls-upload', `/k/${PATH_KEY}/hls-upload`)
      : uploadTarget(target)
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
  return isPlaylistBody(request.body)
}

/** The encoder name of a recorded request. */
export function nameOf(request: CapturedRequest): string {
  return encoderNameOf(uploadTarget(request.target))
}

/** The paths below /live/streams/ of all playlists that a push has. */
export function playlistPaths(capture: Capture): string[] {
  const playlists = capture.requests.filter((request) => isKept(request) && isPlaylist(request))
  return [...new Set(playlists.map((request) => servedNameOf(nameOf(request))))]
}

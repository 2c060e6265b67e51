/** What of an ingest may never show in what viewers, the tree or the log get (promise P7). */
const SIGNS = ['token=', 'cid=', 'hls-upload', '/k/', 'http_upload_hls']

/** The signs of an ingest key, a token or an upload URL in a text. */
export function leaks(text: string, secrets: readonly string[] = []): string[] {
  return [...SIGNS, ...secrets].filter((sign) => text.includes(sign))
}

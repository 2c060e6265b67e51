import { mediaList, type Trial } from './trial.ts'

/** What is uploaded of a rendition. */
export interface RenditionUpload {
  /** Of its segment. */
  readonly bytes?: number
  readonly owner?: string
  /** Media sequence number of its segment. */
  readonly number?: number
}

/** Uploads media playlists, each with a segment of its own that plays for 2 s, so that they are served. */
export async function publish(
  trial: Trial,
  names: readonly string[],
  { bytes = 1_000, owner = '', number = 0 }: RenditionUpload = {},
): Promise<void> {
  for (const name of names) {
    const segment = name.replace('.m3u8', `${number}.ts`)
    await trial.put(segment, segment.padEnd(bytes, '.'), owner)
    await trial.put(name, mediaList(number, [segment.slice(segment.lastIndexOf('/') + 1)]), owner)
  }
}

/** The lines of a playlist that are URIs; undefined where there is none. */
export function urisOf(text: string | undefined): string[] | undefined {
  return text?.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

import { run } from '../../support/ffmpeg.ts'

/** What ffmpeg reads of a playlist. */
export interface PlayedPackets {
  /** A line for each packet: its stream, its timestamps, its size and its hash; in no order. */
  readonly packets: readonly string[]
  /** Seconds, as ffprobe tells them. */
  readonly duration: number
}

/** Reads a playlist, over HTTP or on disk, to its end. */
export async function playedPackets(url: string): Promise<PlayedPackets> {
  const copied = await run('ffmpeg', ['-nostdin', '-v', 'error', '-i', url, '-c', 'copy', '-f', 'framemd5', '-'])
  if (copied.code !== 0) throw new Error(`${url}: ${copied.stderr}`)
  const probed = await run('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', url])
  const lines = copied.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { packets: lines.sort(), duration: Number(probed.stdout) }
}

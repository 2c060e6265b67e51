import { networkInterfaces } from 'node:os'
import type { IngestKey } from '../config/ingest-keys.ts'
import type { Config } from '../config/schema.ts'

/** Names that stand in the printed lines. */
const APP = 'live'
const STREAM = 'stream1'
const SECRET = 'INGEST_KEY'

/** A host as it stands in a URL; for one that means every address, the first that others can reach. */
function reachable(host: string): string {
  const isAny = host === '0.0.0.0' || host === '::'
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const outer = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
  const shown = isAny ? (outer ?? '127.0.0.1') : host
  return shown.includes(':') ? `[${shown}]` : shown
}

/** Where an app's files are uploaded to, with a key in the path when keys are set; `secret` is what stands for it. */
export function uploadUrl(config: Config, base: string, app: string, secret?: string): string {
  const key = pickKey(config.INGEST_KEYS)
  return `${base}/${app}/${key === undefined ? '' : `k/${secret ?? key.key}/`}hls-upload`
}

/**
 * What is printed at the start: the lines to paste into AMS and a shell, each with a key in the path when keys are set. Where
 * they do not go to a person, a placeholder stands for it.
 */
export function startLines(config: Config, host: string, port: number, isShown: boolean): string[] {
  const base = config.PUBLIC_URL === '' ? `http://${reachable(host)}:${port}` : config.PUBLIC_URL.replace(/\/$/, '')
  const key = pickKey(config.INGEST_KEYS)
  const app = key?.app ?? config.APPS[0] ?? APP
  const stream = key?.stream ?? STREAM
  const upload = uploadUrl(config, base, app, isShown ? undefined : SECRET)
  return [
    `hls-receiver listens on ${base}`,
    '',
    'Ant Media Server, application settings:',
    `  hlsHttpEndpoint=${upload}/`,
    `  httpForwardingBaseURL=${base}/${app}`,
    '  httpForwardingExtension=m3u8,ts,fmp4,mp4',
    '',
    'ffmpeg:',
    `  ${ffmpegLine(upload, stream)}`,
    '',
    'Play:',
    `  ${base}/${app}/streams/${stream}.m3u8`,
  ]
}

/** A line that pushes a test picture with AMS's default flags. */
function ffmpegLine(upload: string, stream: string): string {
  return [
    'ffmpeg -re -f lavfi -i testsrc2=size=640x360:rate=25 -re -f lavfi -i sine=frequency=440:sample_rate=48000',
    '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 50 -c:a aac',
    '-f hls -method PUT -hls_time 2 -hls_list_size 15 -hls_flags delete_segments+program_date_time -start_number 1',
    `-hls_segment_filename ${upload}/${stream}%09d.ts ${upload}/${stream}.m3u8`,
  ].join(' ')
}

function pickKey(keys: readonly IngestKey[]): IngestKey | undefined {
  return keys.find(({ app, stream }) => app === undefined && stream === undefined) ?? keys[0]
}

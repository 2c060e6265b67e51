import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { readConfig } from '../config/schema.ts'
import { playerPage } from './demo-page.ts'
import { createLog } from './logger.ts'
import { serve } from './serve.ts'
import { uploadUrl } from './start-lines.ts'

const STREAM = 'demo'
const APP = 'live'

/** Starts the receiver, pushes a test picture to it with ffmpeg, and serves a page with a player. */
async function demo(): Promise<void> {
  const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg'
  if (spawnSync(ffmpeg, ['-version']).error !== undefined) {
    throw new Error('the demo needs ffmpeg: install it (apt-get install ffmpeg) or set FFMPEG_PATH')
  }
  const config = readConfig({ LOG_LEVEL: 'warn', ...process.env })
  const log = createLog(config.LOG_LEVEL)
  const receiver = await serve(config, log)
  const base = `http://${receiver.host}:${receiver.port}`
  const encoder = spawn(ffmpeg, pictureArguments(uploadUrl(config, base, APP)), {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const page = await servePage(`${base}/${APP}/streams/${STREAM}.m3u8`)
  process.stdout.write(`A test picture is being pushed to ${base}.\n\nWatch it:  ${page}\n\nCtrl-C ends the demo.\n`)
  const stop = () => {
    encoder.kill('SIGTERM')
    void receiver.stop().finally(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function pictureArguments(upload: string): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25'],
    ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '25'],
    ...['-c:a', 'aac', '-f', 'hls', '-method', 'PUT', '-hls_time', '1', '-hls_list_size', '10'],
    ...['-hls_flags', 'delete_segments+program_date_time', '-hls_start_number_source', 'epoch'],
    ...['-hls_segment_filename', `${upload}/${STREAM}-%d.ts`, `${upload}/${STREAM}.m3u8`],
  ]
}

/** Serves the player on a free port of this machine; its script comes from the installed hls.js. */
async function servePage(playUrl: string): Promise<string> {
  const script = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'))
  const server = createServer((request, answer) => {
    const isScript = request.url === '/hls.js'
    answer.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    answer.end(isScript ? script : playerPage(playUrl))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

demo().catch((error: unknown) => {
  process.stderr.write(`hls-receiver demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})

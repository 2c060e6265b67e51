import { setting, text, whole } from './setting-types.ts'

const GIB = 1024 ** 3

/** The settings of what is made of recordings by ffmpeg. */
export const RECORDING_SETTINGS = {
  FFMPEG_PATH: setting(
    text,
    '',
    'path',
    'The ffmpeg that makes mp4, WebM and pictures of recordings; empty: the one in PATH. Without any, none are made, and all else works.',
  ),
  JOB_CONCURRENCY: setting(whole(1, 64), '1', 'number', 'Files and pictures that are made at once.'),
  JOB_MAX_HOURS: setting(
    whole(1, 500),
    '12',
    'hours',
    'How long ffmpeg may take for one file; what takes longer is given up. An mp4 takes seconds for an hour of recording, WebM up to as long as it plays.',
  ),
  JOB_MAX_BYTES: setting(
    whole(1, Number.MAX_SAFE_INTEGER),
    String(64 * GIB),
    'bytes',
    'Largest file that is made of a recording; what gets larger is given up.',
  ),
} as const

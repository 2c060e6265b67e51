import { flag, list, oneOf, setting, streamRules, subfolder, whole } from './setting-types.ts'

/** The settings of what is made of recordings, under AMS's names. */
export const MUXING_SETTINGS = {
  MP4_MUXING_ENABLED: setting(
    streamRules('true', 'false'),
    'false',
    'list',
    'Whether streams are recorded into mp4 files, each rendition into one (mp4MuxingEnabled): `true` or `false`, for an app or a stream `live=true,live/cam1=false`. What is switched over REST for a stream counts more.',
  ),
  WEBM_MUXING_ENABLED: setting(
    streamRules('true', 'false'),
    'false',
    'list',
    'The same for WebM files (webMMuxingEnabled), which are transcoded.',
  ),
  RECORDING_FILES: setting(
    streamRules('session', 'run'),
    'session',
    'list',
    'What becomes one file: `session`, all from when a stream began to be live until it had ended, over all interruptions; `run`, each life of its encoder.',
  ),
  ADD_DATE_TIME_TO_MP4_FILE_NAME: setting(
    streamRules('true', 'false'),
    'false',
    'list',
    'Whether the date-time at which a recording begins stands in the names of mp4 and WebM files (addDateTimeToMp4FileName), in DATE_TIME_ZONE.',
  ),
  RECORDING_SUBFOLDER: setting(
    subfolder,
    '',
    'folder',
    "Folder of mp4 and WebM files below that of their stream's playlist (recordingSubfolder).",
  ),
  GENERATE_PREVIEW: setting(
    streamRules('true', 'false'),
    'false',
    'list',
    'Whether pictures of streams are made while they are live, `previews/STREAM.png`, and one when they have ended, `previews/STREAM_finished.png` (generatePreview).',
  ),
  CREATE_PREVIEW_PERIOD: setting(
    whole(1_000, 86_400_000),
    '5000',
    'ms',
    'How often a picture of a live stream is made (createPreviewPeriod).',
  ),
  PREVIEW_HEIGHT: setting(whole(16, 4_320), '480', 'lines', 'Height of pictures (previewHeight).'),
  PREVIEW_FORMAT: setting(
    oneOf('png', 'jpg', 'webp'),
    'png',
    '`png`, `jpg`, `webp`',
    'Format of pictures (previewFormat).',
  ),
  PREVIEW_QUALITY: setting(whole(1, 100), '75', 'number', 'Quality of jpg and webp pictures (previewQuality).'),
  PREVIEW_OVERWRITE: setting(
    flag,
    'false',
    '`true`, `false`',
    'Whether the pictures of a stream take the place of those of its last session (previewOverwrite); else they are called `STREAM_1.png`, `STREAM_2.png` and so on.',
  ),
  VOD_FOLDERS: setting(
    list,
    '',
    'list',
    'Folders of this machine whose files, and those below, may be listed as VoDs over REST; empty: none.',
  ),
} as const

export { type Capture, type CapturedRequest, captureFolders, loadCapture } from './capture.ts'
export { Checker, type CheckerOptions, type CheckReport } from './checker.ts'
export { type ExpectedEntry, type ExpectedPart, expectedTimeline, type Timeline } from './expected-timeline.ts'
export { leaks } from './leaks.ts'
export { PlaylistWatch } from './playlist-watch.ts'
export { encoderNameOf, isPlaylistBody, type RecordedBody, type Recording, servedNameOf } from './recording.ts'
export { type RecordedUpload, type RecordingProxy, startRecordingProxy } from './recording-proxy.ts'
export { type ReplayedConnection, type ReplayOptions, replay } from './replay.ts'
export { ReplayRecording } from './replay-recording.ts'
export {
  readServed,
  type ServedEntry,
  type ServedMap,
  type ServedPlaylist,
  type ServedRange,
} from './served-playlist.ts'
export { startReceiver, type TestReceiver } from './start-receiver.ts'

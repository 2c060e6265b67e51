export { type Capture, type CapturedRequest, captureFolders, loadCapture } from './capture.ts'
export { type RecordedUpload, type RecordingProxy, startRecordingProxy } from './recording-proxy.ts'
export { type ReplayedConnection, type ReplayOptions, replay } from './replay.ts'
export { startReceiver, type TestReceiver } from './start-receiver.ts'

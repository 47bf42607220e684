export { groupOf, logSignatures, type FieldType, type LogSignature } from '../knowledge/log-signatures.js';
export { mergeSummaries, statsOf } from './merge.js';
export { createSegmentReader, type Segment, type SegmentReader, type SegmentResult } from './segment.js';
export { SEGMENT_BYTES, type SegmentSink } from './split.js';
export { joinSegments, summarizeLog, type SummarizeOptions, summarizeThrough } from './summarize.js';
export { timelineOf, type Timeline, type TimelineInput, type TimelineLane, type TimelineOptions } from './timeline.js';
export * from './types.js';
export { parseByteSize, parseGoDuration } from './values.js';
export { windowOf, type WindowCount } from './window.js';

/** Every bound and time of a recording, each with its reason. */

/** Bytes inside one record: its length is told in 16 bits, and a torn one costs no more than this. */
export const RECORD_BYTES_MAX = 65_535;
/** Bytes after which a block is closed though its time is not over: far from the bound, whatever a frame weighs. */
export const BLOCK_BYTES_MAX = 48 * 1_024;
/** What was said reaches the disk in blocks of this long: with what it takes to prove and to write, less than a second is open. */
export const BLOCK_MS = 750;
/** Frames that come before there is anything to write them to: two seconds of a full stage. */
export const EARLY_FRAMES_MAX = 1_100;
/** Streams in one block: everybody on stage, and a seat or two that changed hands in it. */
export const BLOCK_STREAMS_MAX = 32;
/** Proofs of each stream at hand for frames that come late: as many as speak of half a minute, and a little more. */
export const PROOFS_REMEMBERED_MAX = 512;
/** Frames of one stream that wait to be written: half a minute that is filled in at once, and a little more. */
export const WAITING_MAX = 2_048;
/** Numbers of each stream remembered as written, so that nothing is written twice: a minute, twice what can be filled in late. */
export const WRITTEN_REMEMBERED_MAX = 3_072;
/** A frame waits for a proof so long, then it is left out: nobody could check it. */
export const UNCOVERED_MAX_MS = 5_000;
/** The index has an entry for about so much sound, a block as a rule: as exact as it draws and seeks before any sound is read. */
export const INDEX_EVERY_MS = 700;
/** Bytes between two entries of an index: thirty times what eleven people say in a second. More, and the index is not believed. */
export const WINDOW_BYTES_MAX = 2 * 1_024 * 1_024;
/** Bytes read at once where there is no index: several records at their largest. */
export const SCAN_BYTES = 512 * 1_024;
/** A file of sound is closed at this size, and the next one begun: a damaged file takes some minutes along, not the whole. */
export const SEGMENT_BYTES_MAX = 16 * 1_024 * 1_024;
/** Files of sound of one recording: 16 GiB, more than any browser would give. */
export const SEGMENTS_MAX = 1_024;
/** Bytes of events, texts and marks: five hours of captions without a pause, and the events of a whole room. */
export const LOG_BYTES_MAX = 16 * 1_024 * 1_024;
/** Bytes of an index: a day and a half of three who talk at once. */
export const INDEX_BYTES_MAX = 8 * 1_024 * 1_024;
/** Bytes of one signed text: a caption's envelope with room to spare. */
export const TEXT_BYTES_MAX = 2_048;
/** Bytes of what was put into words later: twenty hours of somebody who never stops. */
export const WORDS_BYTES_MAX = 4 * 1_024 * 1_024;
/** People whose answer to being recorded is told by name: everybody who was on stage in a long evening. */
export const CONSENTS_MAX = 256;
/** The head of a recording is written anew with every change; its file is begun anew at this size. */
export const META_BYTES_MAX = 256 * 1_024;
/** Days after its end on which a recording is deleted by itself, unless it is kept. */
export const RETENTION_DAYS = 30;
/** Bytes of one piece, which is fetched, checked and passed on as a whole: a second of a slow line. */
export const PIECE_BYTES = 64 * 1_024;
/** Pieces of one recording: 4 GiB, and two MiB of hashes. */
export const PIECES_MAX = 65_536;
/** A signed manifest; with everything at its limit it has 523 bytes. */
export const MANIFEST_BYTES_MAX = 640;
/** Sources one fetch draws on; who came last is asked to wait. */
export const SOURCES_MAX = 8;
/** Pieces asked of one source at a time: enough to keep a line busy over a long way. */
export const PIECES_ASKED_MAX = 4;
/** A piece that has not come is asked of another after this. */
export const PIECE_PATIENCE_MS = 15_000;
/** A clip is at most this long: what is cut out to be passed around, not another recording. */
export const CLIP_MAX_MS = 90_000;
/** And at least this long: a word. */
export const CLIP_MIN_MS = 500;
/** Bytes of a clip's content: eleven who talk all at once take 5 MB, in a locked room 6, and events come to that. */
export const CLIP_BYTES_MAX = 12 * 1_024 * 1_024;
/** What is signed of a clip; with its title at the limit it has 438 bytes. */
export const CLIP_HEAD_BYTES_MAX = 512;

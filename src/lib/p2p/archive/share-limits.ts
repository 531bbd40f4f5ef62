/** Every bound and time of what is handed out from peer to peer, each with its reason. */
import type { Rate } from '../wire/rate.ts';
import { PIECE_BYTES } from './limits.ts';

/** Hashes in one answer: as long as a piece. */
export const HASHES_PER_ANSWER_MAX = PIECE_BYTES / 32;
/** Sealed keys of a recording that its host opened: 1,024 epochs, and what seals them. */
export const OPENED_KEYS_BYTES_MAX = 40_960;
/** A question: its kind, where it is about, and a manifest. */
export const QUESTION_BYTES_MAX = 704;
/** An answer: a piece with its number; an offer is shorter. */
export const ANSWER_BYTES_MAX = PIECE_BYTES + 16;
/** Direct connections to those who fetch from us, or we from them: each costs a PeerConnection. */
export const SHARE_LINES_MAX = 16;
/** Who asked and was answered may call directly for so long. */
export const SHARE_EXPECTED_MS = 20_000;
/** People who may call; who asked last stays. */
export const SHARE_EXPECTED_MAX = 64;
/** A question over a relay: the search for a way, and one round trip. */
export const SHARE_ASK_MS = 8_000;
/** A direct call: introduction, ICE; as for gossip's neighbours. */
export const SHARE_DIAL_MS = 10_000;
/** A line on which nothing is asked for so long is closed: whoever fetches looks for news more often. */
export const SHARE_IDLE_MS = 60_000;
/** Short questions taken of one person, and of all together. */
export const SHARE_QUESTIONS_FROM_ONE_RATE: Rate = { burst: 16, perSecond: 0.5 };
export const SHARE_QUESTIONS_RATE: Rate = { burst: 128, perSecond: 16 };
/** People whose rate is remembered; who asked last stays. */
export const SHARE_ASKERS_MAX = 256;
/** Pieces given out a second: 4 MB, and 128 KB while we are in a room, whose sound comes first. */
export const PIECES_GIVEN_RATE: Rate = { burst: 64, perSecond: 64 };
export const PIECES_GIVEN_IN_ROOM_RATE: Rate = { burst: 4, perSecond: 2 };
/** Recordings shared or fetched that are remembered; some 2 KB each. */
export const SHARES_MAX = 256;
/** Of these are announced, the newest first: each costs the seeds a record and us a question every four minutes. */
export const SHARES_ANNOUNCED_MAX = 32;
/** Fetchers of one recording that are told apart; more are not counted. */
export const FETCHERS_MAX = 1_000;
/** What others have is asked again so often while something is missing. */
export const SHARE_MAP_MS = 3_000;
/** First and longest pause between two searches for those who have it. */
export const SHARE_SEARCH_MIN_MS = 2_000;
export const SHARE_SEARCH_MAX_MS = 60_000;
/** One search in the directory. */
export const SHARE_SEARCH_MS = 6_000;
/** A copy asks its host, and others who have it, for news so often: a withdrawal is obeyed within this, while the app is open. */
export const SHARE_NEWS_MS = 600_000;
/** Others asked for news at a time, beside the host. */
export const SHARE_NEWS_ASKED_MAX = 3;
/** A withdrawal is remembered so long, to be told to others: as long as the longest copy lives. */
export const WITHDRAWAL_DAYS = 31;

/** How long the tree waits for what. Measured on loopback an attach takes under 300 ms; a world away about a second. */

/** Links say "still here" this often where nothing else does; three missed in a row and more mean trouble. */
export const BEAT_INTERVAL_MS = 250;
/** A child tells its parent this often: there is nothing to hear of it but that. */
export const BEAT_UP_MS = 1_000;
/** Where sound or digests are heard all the time, and to backups, a beat only measures the round trip. */
export const BEAT_SELDOM_MS = 1_500;
/** Between a backup and whom it stands by for, where digests flow and nothing is counted. */
export const BEAT_ASIDE_MS = 2_000;
/** Sound came so lately that more is on its way to those below us: longer than a silence marker's 200 ms. */
export const FLOW_MS = 300;
/** A parent this silent is suspected: look for another, but keep it until one is found. */
export const PARENT_SUSPECT_MS = 1_500;
/** Ticks come ten times a second; so long without any, and it was our page that slept. */
export const OWN_SLEEP_MS = 500;
/** A neighbour not heard for this long has missed a beat, or two digests: others are asked first. */
export const BEAT_LATE_MS = 500;
/** What a round trip is taken for until it is measured: a bad one, so that the unknown is not preferred. */
export const RTT_UNKNOWN_MS = 200;
/** No backup answers, and our parent is silent for longer than anybody who lives: all are gone at once. */
export const ALONE_AFTER_MS = 300;
/** Sound a backup has word of is newer than the parent's last by more than both ways may differ. */
export const NEWER_SOUND_MS = 60;
/** A parent this silent is suspected enough to ask a backup, which costs nothing; who has none asks others. */
export const GRAFT_SUSPECT_MS = 750;
/** What the sound side says of a starving parent holds this long: by then a backup has taken its place, or none could. */
export const STARVED_LASTS_MS = 1_000;
/** A backup that has not answered a graft: the next one is asked beside it. */
export const GRAFT_HEDGE_MS = 200;
/** A graft without an answer is over. */
export const GRAFT_MS = 1_500;
/** A parent without a source that says so: a backup is asked after this, for mostly the parent has one itself. */
export const GRAFT_ORPHAN_MS = 500;
/** A child that came by a graft, beyond the fan-out, stays at least so long before it is asked to move on. */
export const GRAFT_SETTLE_MS = 5_000;
/** Children beyond the fan-out are asked to move on one after the other. */
export const LET_GO_EVERY_MS = 1_000;
/** A child that is asked to move on is given its sound for this long: time to walk to another place. */
export const HANDOVER_MS = 3_000;
/** Who leaves carries its children for this long, or until they have gone: time for a graft. */
export const LEAVE_GRACE_MS = 800;
/** Who takes us without our need has this long to bring sound: some round trips, and a stall of a busy machine. */
export const TRIAL_MS = 600;
/** A new parent's sound comes first; backups are looked for after this. */
export const BACKUP_PATIENCE_MS = 300;
/** A backup this silent, or without a source, is replaced. */
export const BACKUP_SUSPECT_MS = 1_000;
/** A backup child this silent gives its place to one who asks. */
export const BACKUP_CHILD_SUSPECT_MS = 6_500;
/** Who did not stand by for us is not asked again for this long; who did so less well than others only in need. */
export const BACKUP_AVOID_MS = 20_000;
/** A newcomer among the backups is judged when its round trip is known, or after this. */
export const JUDGE_AFTER_MS = 1_500;
/** First and longest pause between two looks for a better backup; it doubles while nothing better is found. */
export const ROTATE_MIN_MS = 4_000;
export const ROTATE_MAX_MS = 60_000;
/** The same while somebody is above two of parent and backups: then one death may take both. */
export const ROTATE_OVERLAP_MIN_MS = 1_000;
export const ROTATE_OVERLAP_MAX_MS = 20_000;
/**
 * While the pause is no longer than this, places are looked at of which nothing is known, and bring word of others; then
 * those alone that promise to be better: each look costs a link, and of twenty blind ones nineteen are in vain by then.
 */
export const ROTATE_BLIND_MAX_MS = 8_000;
/** A backup must be the better parent for so long: a round trip is smoothed over a second or two. */
export const BETTER_LASTS_MS = 5_000;
/** And by so much: less is not worth the change. */
export const BETTER_BY_MS = 20;
/** First and longest pause between two changes for a better parent: it doubles, so that a room comes to rest. */
export const SWAP_PAUSE_MS = 4_000;
export const SWAP_PAUSE_MAX_MS = 300_000;
/** A child is sent up after it has settled a little, and not again before this: it may have been in vain. */
export const CLIMB_AFTER_MS = 1_000;
export const CLIMB_AGAIN_MS = 30_000;
/** First and longest pause between two times we follow a call: it doubles, so that a room comes to rest. */
export const CLIMB_PAUSE_MS = 2_000;
export const CLIMB_PAUSE_MAX_MS = 120_000;
/** Somebody is called up from below at most this often. */
export const RAISE_EVERY_MS = 500;
/** First and longest pause between two calls at the same child: it doubles, for nobody may come. */
export const RAISE_PAUSE_MS = 1_000;
export const RAISE_PAUSE_MAX_MS = 60_000;
/** Carrying so many times more is worth a change of places. */
export const OUTGIVES_TIMES = 2;
/** A notice that still runs for longer is time enough to walk to where it points; less, and a backup is asked. */
export const NOTICE_SHORT_MS = 1_200;
/** A place with room that was heard of is worth a try for this long. */
export const OFFER_LASTS_MS = 20_000;
/** Children are told of better places at most this often, and of each again after this, where it is still free. */
export const OFFERS_EVERY_MS = 2_000;
export const OFFERS_AGAIN_MS = 15_000;
/** Whoever knows its own place worse than this does not yet look for a nearer one by it. */
export const SPOT_ERROR_MAX = 0.35;
/** A place we have heard of is tried at most this often. */
export const LEAP_EVERY_MS = 1_000;
/** The longest pause between two such tries: it doubles with each that was in vain. */
export const LEAP_PAUSE_MAX_MS = 30_000;
/** One of so many is tried: the best place is known to many. */
export const LEAP_AMONG = 4;
/** Who has just found a parent walks down from this floor below the speakers: there are some there, and not too few. */
export const WALK_FROM_FLOOR = 2;
/** First and longest pause between two walks that others who came in between have called for: it doubles. */
export const WALK_PAUSE_MS = 2_000;
export const WALK_PAUSE_MAX_MS = 60_000;
/** For a third backup more places come into question: what has room for no child may have room for another backup. */
export const BACKUP_AMONG = 16;
/** A spot that moved by less is not told anew, nor one that is surer of itself by less. */
export const SPOT_STEP_MS = 4;
export const SPOT_ERROR_STEP = 0.15;
/** And it is told at most this often. */
export const SPOT_EVERY_MS = 4_000;
/** What there is to tell of room is told at most this often. */
export const PLACES_EVERY_MS = 1_000;
/** A peer that misbehaved is no source of ours for this long. */
export const BAD_AVOID_MS = 60_000;
/**
 * Whoever finds nobody else takes one of those again when it has asked the directory twice, a second apart, since it lost its
 * parent: the pause before the next question is then this long.
 */
export const PARDON_PAUSE_MS = 4_000;
/** A child this silent gives its place to one who asks: its parent may be as dead to others as it is to us. */
export const CHILD_SUSPECT_MS = 2_500;
/** A child this silent is not counted among those who listen by us: it may be counted elsewhere. */
export const CHILD_GONE_MS = 3_500;
/** A link this silent is given up. Long enough for a page that was starved of CPU to come back. */
export const LINK_DEAD_MS = 8_000;
/** A parent without a source of its own is given this long to find one before we look ourselves. */
export const ORPHAN_PATIENCE_MS = 2_500;
/** An attempt without an answer: a second one is started beside it. */
export const HEDGE_MS = 800;
/** The same where nobody we heard by is left: every second is heard, and of many places some are gone as well. */
export const HEDGE_ALONE_MS = 100;
/** An attempt without an outcome is over. */
export const ATTEMPT_MS = 6_000;
/**
 * The next ones are given this long where one ended so: on a starved machine links open late, and whoever gives up just
 * before that never gets one. What takes longer the link itself gives up.
 */
export const ATTEMPT_SLOW_MS = 10_500;
/** Somebody who was full may have room again after this. */
export const RETRY_REFUSED_MS = 2_000;
/** Somebody who could not be reached is left alone for this long. */
export const RETRY_FAILED_MS = 8_000;
/**
 * A link that broke off so soon after its knock, which had been answered, is tried once more at once: a handshake went wrong.
 * Where no way leads from one to the other it takes ten seconds to know.
 */
export const BROKEN_OFF_MS = 3_000;
/** Where nobody is left to try, those we know are tried again after this, unless they are still to be avoided. */
export const ROUND_MS = 1_000;
/** First and longest pause between two questions to the directory. */
export const FIND_MIN_MS = 1_000;
export const FIND_MAX_MS = 15_000;
/** First and longest pause between two attempts at a speaker's link. */
export const MESH_RETRY_MIN_MS = 300;
export const MESH_RETRY_MAX_MS = 8_000;
/** A link that lasted this long is no sign of trouble: the next pause is the shortest again. */
export const MESH_STABLE_MS = 10_000;
/** A speaker without a link to any other is out of date, or cut off: it looks for a parent as listeners do. */
export const STRANDED_MS = 4_000;
/** Who took the seat later opens the link; the other waits this long before trying itself. */
export const MESH_PATIENCE_MS = 3_000;
/** A new speaker waits so long for the links with all others before it leaves its parent. */
export const MESH_UNREACHED_MS = 10_000;
/** A link that serves nothing any more is closed after this, time enough for a change of roles to settle. */
export const IDLE_LINK_MS = 3_000;
/** A changed delay estimate is passed down at most this often. */
export const PATH_REFRESH_MS = 2_000;

/** Backups of a listener: with one, the death of a fifth of all peers strands one listener in twenty; with two, one in a hundred. */
export const BACKUPS_WANTED = 2;
/** Attempts at a parent side by side. */
export const ATTEMPTS_MAX = 2;
/** Places with room we have heard of that go before the speakers where a parent is lost. */
export const NEAR_FIRST_MAX = 4;
/** Places to try next; more would only be stale. */
export const QUEUE_MAX = 48;
/** Places we were sent to: two refusals' worth. */
export const REDIRECTS_MAX = 16;
/** Every third try is at a place we know ourselves, so that nobody who refuses can send us about for ever. */
export const KNOWN_EVERY = 3;
/**
 * Tries at a parent: a walk down a deep tree and back at once, then one a second. Each costs a PeerConnection
 * (of which a browser makes CONNECTIONS_MADE_MAX) and a stream through a seed.
 */
export const TRIES = { burst: 20, perSecond: 1 };
/** Tries at a backup, apart from those at a parent, for the same reason. */
export const BACKUP_TRIES = { burst: 10, perSecond: 0.25 };
/** Tries on walks, apart from both: two walks down a deep tree at once, and a step now and then. */
export const WALK_TRIES = { burst: 10, perSecond: 0.25 };
/** Tries in one look for a better backup: a walk of a few steps down the tree. */
export const ROTATE_TRIES = 3;

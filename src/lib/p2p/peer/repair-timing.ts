/** How long the sound path waits for what. Ticks are 20 ms. */

/** Datagrams overtake each other by less than this on nearly every line; what is missing longer is lost. */
export const REORDER_MS = 4;
/** Over a link that carries copies, the next packet but one brings what is missing. */
export const REORDER_COPIES_MS = 30;
/** A question is repeated elsewhere a round trip and this later, for timers and lines are not exact, */
export const ASK_AGAIN_SPARE_MS = 10;
/** and not before this: who was asked may only just have asked itself. */
export const ASK_AGAIN_MIN_MS = 40;
/** Who asks for what we miss too has it sent on until it asks elsewhere, and so much longer: lines are not exact. */
export const WANT_GRACE_MS = 10;
/** Round trip assumed where none was measured yet. */
export const RTT_UNKNOWN_MS = 100;
/** The same for a floor, which is raised more easily than lowered: a middling line. */
export const RTT_HOPED_MS = 40;
/**
 * Whoever is further than this from its speaker asks two at once: half of what it misses comes twice then, some two
 * frames in a hundred, and a third fewer of all come later than 300 ms.
 */
export const FAR_MS = 100;
/** Questions for one frame: the parent, both backups, and one of them again. */
export const ASKS_MAX = 4;
/** A frame older than this is not asked for any more: nobody plays with a longer delay. */
export const REPAIR_DEADLINE_MS = 500;
/** After a silence the first frames of a voice may be lost, or were never said: so many are asked for, once. */
export const UNSURE_TICKS = 10;
/** A backup this many frames further ahead of our parent than usual has what that holds back. */
export const BEHIND_FRAMES = 4;
/** Of so many backups it is known how far they are ahead: nobody has more at once. */
export const LEADS_MAX = 3;
/** A voice that is this much further than our parent is not merely on a shorter way. */
export const LAGGING_TICKS = 4;
/**
 * Digests go out with every other tick: each speaks of 320 ms, so a lost one leaves no hole, and oftener they would
 * cost as much as all other control together.
 */
export const DIGEST_EVERY_MS = 190;
/** While somebody talks a packet comes every 20 ms: one is missing. What the line may lose and its jitter are added. */
export const SILENT_MS = 25;
/** As many packets in a row may be missing as a line loses more often than once in so many: in ten seconds of talk. */
export const LOSABLE_SHARE = 1 / 500;
/** Longer than this nobody waits, whatever the line: a stand-in for nothing costs a few frames. */
export const LOSABLE_MAX = 3;
/** A line not measured so often, in as many seconds of talk, is taken for one that loses up to 4 %. */
export const LOSABLE_UNKNOWN = 1;
export const LOSABLE_MEASUREMENTS = 5;
/** Held up for longer than this we have lost what the line has not. */
export const OUTAGE_MS = 60;
/** Woken this much too late it is we who were held up: what came meanwhile is read first, which takes as long. */
export const HELD_UP_MS = 15;
/** Jitter counts this many times (as in RFC 6298 the deviation), and at most so much. */
export const JITTER_WEIGHT = 4;
export const JITTER_MAX_MS = 200;
/**
 * A parent that was taken for silent and then brought the very next frame was only late. On a busy machine that happens
 * again and again, by far more than the mean says: after so many times it is given as long, beyond the time a packet is
 * due, until it has not happened for this long. Once is what the death of somebody further up looks like.
 */
export const LATE_TIMES = 3;
export const LATE_REMEMBERED_MS = 10_000;
/** Each time the longest counts for less, so that one stall is forgotten among many short ones. */
export const LATE_KEPT_SHARE = 0.9;
/** Longer pauses than this say no more about a line. */
export const JITTER_PAUSE_MAX_MS = 200;
/** How long a backup is asked to push everything: long enough not to ask often, short enough to end by itself. */
export const LEASE_MS = 300;
/** A lease this short ends the one before it. */
export const LEASE_END_MS = 1;
/** A lease that was heard of is renewed this long, and a round trip, before it ends. */
export const LEASE_RENEW_MS = 80;
/** A backup that has not answered within 1.5 round trips and this is passed over for the next. */
export const LEASE_ANSWER_MS = 30;
/** A parent silent this much longer, while a backup hears the voice, is replaced. */
export const GRAFT_AFTER_MS = 120;
/** The same while a second way brings all of it: a line that loses much at a time comes back. */
export const GRAFT_SECOND_MS = 400;
/** The tree is told again where it still has the same silent parent after this. */
export const GRAFT_AGAIN_MS = 300;
/** A parent that was left as silent and speaks again within this was left in haste. */
export const FLAP_BACK_MS = 2_000;
/** So many of these in a row double GRAFT_AFTER_MS, each once: a parent that holds all back is still left within a second. */
export const FLAPS_COUNTED_MAX = 2;
/** Nothing flapped for so long, and we are as quick as ever. */
export const FLAPS_REMEMBERED_MS = 30_000;
/** Nobody is taken to talk whose last word is older: then it is the speaker who went silent, and not our parent. */
export const TALKING_FRESH_MS = 1_000;
/** A parent that brings nothing of one voice for this long, while others bring it, is asked no more. */
export const LAGGING_MS = 100;
/** The same for longer: it holds that voice back, and is left. */
export const WITHHELD_MS = 500;
/**
 * A way that loses a frame more often than this, from its speaker to the lowest below us, is made two ways, until it
 * loses less. Repairs one after the other take too long on it: with five links of 10 % two frames in five are late.
 * Four such links are left alone, for every second way doubles what a line carries.
 */
export const SECOND_ON_LOSSES = 0.46;
export const SECOND_OFF_LOSSES = 0.42;
/**
 * So much is believed of what is lost below us, which is others' word alone: four links of 10 %, and less than what asks for a
 * second way. So a lie brings nobody above it to fetch everything twice, unless its own lines lose something.
 */
export const LOSSES_BELOW_MAX = 0.4;
/** Lease of the second way, renewed twice in its time: one question in a hundred gets lost twice. */
export const SECOND_LEASE_MS = 1_000;
export const SECOND_AGAIN_MS = 450;
/** A second way from which nothing came for so long is none. */
export const SECOND_SILENT_MS = 100;
/** What one of two ways lacks is asked for after this: by then the other mostly has brought it. */
export const REORDER_SECOND_MS = 25;
/** Copies are added to what goes over a link that loses more than this, until it loses less for a while. */
export const COPIES_ON_LOSS = 0.02;
export const COPIES_OFF_LOSS = 0.01;
export const COPIES_OFF_MS = 5_000;
/** A copy is of the frame this many ticks back: bursts of loss are mostly shorter. */
export const COPY_BACK_TICKS = 2;
/** Packets over which a loss is measured: one second of one voice. Seven such windows are smoothed into one share. */
export const LOSS_PACKETS = 50;
/** A stream takes part in bundles while its last word is younger. */
export const BUNDLE_ACTIVE_MS = 60;
/** What came first waits for the others of its tick for at most this. */
export const BUNDLE_WAIT_MS = 20;
/** Bundles begin with another voice where that saves more than this: less is jitter. */
export const BUNDLE_TURN_MS = 4;
/** A speaker nobody links us with is heard through another after this. */
export const SUBSTITUTE_AFTER_MS = 1_000;
/** A mesh link this silent hears nothing: heartbeats come at least every second. */
export const MESH_SILENT_MS = 2_500;
/** Lease asked of the substitute; it is asked again well before the end. */
export const SUBSTITUTE_LEASE_MS = 1_000;
export const SUBSTITUTE_AGAIN_MS = 700;
/** A frame waits at most three ticks for the proof that covers it; and some for the way of it. */
export const PROOF_FLOOR_MS = 70;
/** Of that, what a frame waits at its speaker's. */
export const PROOF_WAIT_MS = 60;
/** Spare time of one repair. */
export const REPAIR_SPARE_MS = 10;
/** Who needs more than this for a repair hears the gap: everybody's delay would be worse. */
export const FLOOR_MAX_MS = 200;
/** A floor that moved by less is left as it is. */
export const FLOOR_STEP_MS = 10;
/** Ticks of a voice over which it is counted what our parent brings of it: half a second. */
export const RATION_TICKS = 25;
/** They are looked at this many ticks later: by then what was missing has come from elsewhere, and is still kept. */
export const RATION_SETTLE_TICKS = 10;
/** Fewer frames than this in half a second say nothing. */
export const RATION_LEAST_FRAMES = 15;
/** So much of what its line lets through may be missing: an outage of 100 ms. From whom more does not come, better is had elsewhere. */
export const RATION_SHARE = 0.2;
/** What is believed to be lost on one link, and on how many above the last: more no honest parent is blamed for. */
export const RATION_LOSS_MAX = 0.1;
export const RATION_LINKS_MAX = 5;
/** Frames that a parent brings again within the span, beyond those it was asked for: a third of what one voice has, and it is left. */
export const REPEATS_MAX = 15;
export const REPEATS_SPAN_MS = 1_000;
/** So many of those it was asked for in one span may come again: a second of a full stage, as after an outage. */
export const REPEATS_ASKED_MAX = 550;
/** In this span and the one after it: a starved device answers two seconds late. */
export const REPEATS_ASKED_MS = 2_000;
/** So many frames too few in all, and nobody believes in bad luck: of half of a voice in one and a half seconds. */
export const RATION_DEBT_FRAMES = 15;

/** Every bound on what a stranger can send or make us keep, each with its reason. */

/** Speakers at once, host included: a full mesh of 11 is 10 uplinks of 40 kbit/s each, which a home line bears. */
export const SEATS_MAX = 11;
/** A member listens behind a few seeds at most. */
export const CONTACT_ADDRS_MAX = 4;
/** The longest relayed WebSocket multiaddr seen is about 180 bytes. */
export const ADDR_BYTES_MAX = 255;
/** UTF-8 bytes of a display name: 20 emoji or 80 letters. */
export const NAME_BYTES_MAX = 80;
/** UTF-8 bytes of a room's title. */
export const TITLE_BYTES_MAX = 200;

/** The largest Opus packet of one frame (RFC 6716, section 3.4, rule R2). */
export const OPUS_BYTES_MAX = 1275;
/** Everybody's frame of one tick, twice: the second for a copy of the one before. */
export const FRAMES_PER_PACKET_MAX = 2 * SEATS_MAX;
/** Deeper than any healthy tree: fan-out 2 reaches 2^32 listeners at depth 32. A longer path is a loop. */
export const PATH_MAX = 32;
/** Ways out offered with a refusal or a path; a walk down the tree needs a few at each step. */
export const CANDIDATES_MAX = 8;
/** A control message must fit one SCTP message on every implementation (256 KiB) with much to spare. */
export const CONTROL_BYTES_MAX = 64 * 1024;
/** Event ids in one list: the whole log, with 16 bytes each exactly one control message's worth. */
export const LOG_IDS_MAX = 4000;
/** Envelopes in one message, which they fit at their largest; more are sent in further messages. */
export const EVENTS_PER_MESSAGE_MAX = 48;
/** Listeners known by name in one report: what a screen can show without searching. */
export const PRESENCE_SAMPLE_MAX = 50;
/** Children one peer may be asked to carry; a relay helper carries 30 and more. */
export const FANOUT_MAX = 64;
/** Children beyond the fan-out, taken by grafts until they find another place: half the fan-out, and never more than these. */
export const GRAFTS_OVER_FANOUT_MAX = 16;
/** Listeners one peer stands by for: twice its fan-out, so that everybody finds two, and never more than these. */
export const BACKUP_CHILDREN_MAX = 64;
/** Links at once: 10 of the mesh, children, grafts, backup children, a parent, three backups and an attempt or two. */
export const LINKS_MAX = SEATS_MAX + FANOUT_MAX + GRAFTS_OVER_FANOUT_MAX + BACKUP_CHILDREN_MAX + 8;
/** Contacts remembered for the next search; the oldest go first. */
export const CONTACTS_MAX = 128;
/** Places with room that are remembered: more would be out of date before they are tried. */
export const OFFERS_MAX = 48;
/** Of those, told to one who looks for a place: one to try, and some to try after it. */
export const OFFERS_TOLD_MAX = 4;
/** Streams tracked at once: all seats, and as many that have just changed hands. */
export const STREAMS_MAX = 2 * SEATS_MAX;

/** Members a seed names, and taken from one search: the k of kad-dht; enough to find one that answers. */
export const PROVIDERS_MAX = 20;
/** One signalling message. A session description is 1 to 3 KiB, a refusal with 8 contacts about 6 KiB. */
export const SIGNAL_BYTES_MAX = 16 * 1024;
/** Signalling messages in one stream each way: a description, its candidates (20 interfaces), a knock. */
export const SIGNALS_PER_STREAM_MAX = 64;
/** Bytes of one signalling stream each way, half of what a seed relays for a link (128 KiB, both ways). */
export const SIGNAL_STREAM_BYTES_MAX = 64 * 1024;
/** Signalling streams open at once: every link may be built at the same time, knocks of strangers beside. */
export const SIGNAL_STREAMS_MAX = 160;
/** Peers on a route for introductions: a path up to a speaker, another speaker, and who was called or calls. */
export const ROUTE_PEERS_MAX = PATH_MAX + 2;
/** One signalling message with what signs it and puts it in its place. */
export const ROUTED_BODY_BYTES_MAX = SIGNAL_BYTES_MAX + 128;
/** Bytes of introductions taken from one neighbour, 1,024 added for each message: a dozen links at once, then one a second. */
export const ROUTED_RATE = { burst: 512 * 1024, perSecond: 32 * 1024 };
/** Bytes of introductions passed on for all together, counted alike: a subtree at once, then what a full stage's sound takes. */
export const ROUTED_ALL_RATE = { burst: 2 * 1024 * 1024, perSecond: 64 * 1024 };
/** Ways tried to one peer: over different neighbours, since any of them may be gone. */
export const ROUTES_MAX = 3;
/** Introductions over routes whose last hop is one neighbour, open at once: those of a busy subtree. */
export const INTRODUCTIONS_PER_NEIGHBOUR_MAX = 40;
/** What a knock may say; ours has 23 bytes, a proof of admission will add about 200. */
export const KNOCK_BYTES_MAX = 1024;
/** A refusal with 8 contacts of 4 addresses each. */
export const REFUSAL_BYTES_MAX = 12 * 1024;
/** Our own knocks and links under way at once: the whole mesh, a parent, backups and one spare try each. */
export const LINK_ATTEMPTS_MAX = 24;
/** Knocks of others that wait for our answer, which takes milliseconds: a crowd, and no more. */
export const KNOCKS_WAITING_MAX = 64;
/** Knocks one peer may make in `KNOCK_WINDOW_MS`: it is refused, tries again, comes back after a reload. */
export const KNOCKS_PER_PEER_MAX = 8;
export const KNOCK_WINDOW_MS = 10_000;
/** Peers whose knocks are counted; the oldest are forgotten first. */
export const KNOCKERS_REMEMBERED_MAX = 512;
/** A knock is answered in one round trip through a seed; five seconds is a bad mobile line. */
export const KNOCK_ANSWER_MS = 5_000;
/** ICE on a good line takes 0.2 s; what is not open in 10 s is behind a NAT that lets nobody in. */
export const LINK_OPEN_MS = 10_000;
/** A second knock this soon after a link opened crossed ours on the way, and is no restart. */
export const LINK_SETTLE_MS = 2_000;
/** What was said last is there by then, with a repeat or two on a long line. Who has not closed by then is not waited for. */
export const LAST_WORDS_MS = 500;
/** Chromium refuses the 501st PeerConnection that is not collected yet; collecting takes up to minutes. */
export const CONNECTIONS_MADE_MAX = 150;
export const CONNECTIONS_MADE_WINDOW_MS = 60_000;
/** A relayed connection is closed this long after its last signalling stream: seeds carry introductions only. */
export const RELAY_IDLE_MS = 5_000;
/** First and longest pause between two tries to reach a seed. */
export const SEED_RETRY_MIN_MS = 500;
export const SEED_RETRY_MAX_MS = 10_000;
/** A try to reach a seed: name, TLS, WebSocket and noise on a bad mobile line. */
export const SEED_DIAL_MS = 8_000;
/** Seeds one peer keeps in touch with; more add load and no safety. */
export const SEEDS_MAX = 8;
/** A peer announces itself again this often; seeds forget it after 10 minutes (see the seed's settings). */
export const ANNOUNCE_EVERY_MS = 4 * 60_000;
/** The pause after an announcement that failed. */
export const ANNOUNCE_RETRY_MS = 5_000;
/** libp2p connections: the seeds, and signalling with every link at once. */
export const CONNECTIONS_MAX = 300;
/** The largest gossip message: an event envelope of at most 1 KiB with its wrapping, and room to grow. */
export const GOSSIP_BYTES_MAX = 64 * 1024;
/** Rooms one peer is in at once: one, and the next while it leaves the first. */
export const ROOMS_JOINED_MAX = 8;
/** A forwarded channel tells how much waits in the real one this often. */
export const FORWARD_REPORT_MS = 20;
/** Messages that reach a Worker before it knows their channel is open: those of a second at most. */
export const EARLY_MESSAGES_MAX = 256;
/** Frames of one stream waiting to be played: 2 s, more than the longest delay we play with. */
export const PLAYOUT_QUEUE_MAX_FRAMES = 100;
/** The longest delay the jitter buffer aims for; who needs more cannot converse, and is better served by gaps. */
export const PLAYOUT_DELAY_MAX_MS = 500;
/** Silences of one stream known ahead; markers of one silence join, so there are seldom two. */
export const PLAYOUT_SILENCES_MAX = 16;
/** A frame this far from its time is a stray: a speaker that began to count anew, or an old queue flushed. */
export const PLAYOUT_STRAY_MS = 2_000;
/** Strays kept until it is clear what they are. */
export const PLAYOUT_STRAYS_MAX = 16;
/** Frames of one stream that arrive while nobody pulls (the sound is suspended); older ones are history. */
export const PLAYOUT_UNPULLED_MAX_FRAMES = 15;
/**
 * Captured frames waiting for the encoder: 2 s. A busy device stands still for most of a second now and then, and encodes
 * that in a moment: live it is too late for some, but the recording and its words want it whole.
 */
export const ENCODE_QUEUE_MAX_FRAMES = 100;
/** One write between gossiping neighbours carries several messages, as when a seed answers "I want". */
export const GOSSIP_RPC_BYTES_MAX = 16 * GOSSIP_BYTES_MAX;
/** A datagram this long fits the smallest path MTU (1,280, RFC 8200) below IP, UDP, DTLS and SCTP: none is split. */
export const PACKET_BYTES_MAX = 1150;
/** Frames of each stream kept to answer pulls: 1.3 s, twice what anybody still wants to repair. Divides 2^32. */
export const KEPT_TICKS = 64;
/** Pulls of one neighbour: all gaps of a moment go into one, and one round trip lies between two for the same gap. */
export const PULLS_RATE = { burst: 50, perSecond: 50 };
/** Bytes sent in answer to one neighbour's pulls: half a second of a full stage at once, then half of all it says. */
export const SERVED_BYTES_RATE = { burst: 64 * 1024, perSecond: 32 * 1024 };
/** The longest time one pull has everything pushed for: who still wants it asks again. */
export const LEASE_MAX_MS = 1_000;
/** Frames of each stream that go ahead of a lease: half a second, after which nobody waits for them any more. */
export const LEASE_BACKLOG_TICKS = 25;
/** Gaps of one stream asked for at a time: as many ticks as there is time to repair. */
export const GAPS_MAX = 25;
/** Neighbours remembered for what they did wrong; who did it last stays. */
export const BLAMED_MAX = 32;
/** Frames of one stream remembered to tell new from known: 20 s, longer than any detour through the tree. */
export const SEEN_WINDOW_TICKS = 1024;
/** Frames in a row that are too old, after which a speaker is taken to have begun to count anew. */
export const STALE_RUN_MAX = 25;
/** Listeners whose signed names are kept: those shown, and those of the reports of children and speakers. */
export const PRESENCE_KNOWN_MAX = 1024;
/** Nobody has more listeners than that; a report beyond it is a lie and counts as this. */
export const PRESENCE_COUNT_MAX = 1_000_000;
/** Ids of events our log would not take, remembered so that neighbours are not asked for them again. */
export const UNWANTED_IDS_MAX = 1024;
/** Envelopes given to the verifier and not yet back; a flood beyond it is dropped and repaired later. */
export const VERIFYING_MAX = 4096;
/** Reactions that can be told apart, today's and those of later versions. */
export const REACTION_CODES_MAX = 16;
/** Reactions of one code told in one message; what is above is lost on everybody's screen anyhow. */
export const REACTION_COUNT_MAX = 65_535;
/** Signed reactions in one message: 2 KiB. Of more there is only the count. */
export const REACTIONS_PER_MESSAGE_MAX = 16;
/** Bytes of reactions sent to one neighbour: two dozen signed ones at once, then less than a twentieth of what one voice takes. */
export const REACTION_LINK_RATE = { burst: 4096, perSecond: 256 };
/** Messages of reactions, and signed ones in them, taken from one neighbour: what the rate above allows, and half as much. */
export const REACTIONS_RATE = { burst: 96, perSecond: 24 };
/** Reactions of our own: a short burst of joy, then one a second. */
export const REACTION_OWN_RATE = { burst: 5, perSecond: 1 };
/** Reactions taken from one author: twice what an app lets through, for on their way some catch up with others. */
export const REACTION_AUTHOR_RATE = { burst: 10, perSecond: 2 };
/** Authors whose latest reaction is remembered, by which repetitions are known; who reacted last stays. */
export const REACTORS_REMEMBERED_MAX = 1024;
/** A reaction this old, or this far in the future, by our clock is none any more. */
export const REACTION_LATE_MS = 5_000;
/** Messages of reactions to one neighbour: a few at once, of a crowd many together four times a second. */
export const REACTION_SENDS_RATE = { burst: 8, perSecond: 4 };
/** What could not be told to a neighbour within this is not told any more. */
export const REACTION_WAIT_MAX_MS = 1_000;
/** Proven sound an app keeps for a report, of all speakers together: what was just said, and who answered. */
export const HELD_MS = 30_000;
/** Half a minute of a full stage at 32 kbit/s, with its signatures; of more than that it is a little less. */
export const HELD_BYTES_MAX = 2 * 1024 * 1024;
/** Events in a report: the latest by and about one person, the opening, and the seats of those who are heard. */
export const REPORT_EVENTS_MAX = 128;
/** UTF-8 bytes of a reporter's own words: a page. */
export const REPORT_WORDS_BYTES_MAX = 2_000;
/** One frame in a report: the largest of voice, and a proof that covers all it can. */
export const REPORT_FRAME_BYTES_MAX = 1_536;
/** A report as a file: all the sound that is held, with six bytes for each frame, and the events. */
export const REPORT_BYTES_MAX = 3 * 1024 * 1024;
/** UTF-16 units of pasted text in which a room key is looked for: the longest link any browser makes. */
export const ROOM_KEY_TEXT_MAX = 2048;
/** UTF-8 bytes of a pinned note: a few lines. */
export const PIN_TEXT_BYTES_MAX = 280;
/** UTF-8 bytes of a pinned link: with the note it fits an envelope. */
export const LINK_BYTES_MAX = 500;
/** Pins shown at once: what a late-comer reads. Of more the newest stay. */
export const PINS_MAX = 8;
/** UTF-8 bytes of the last message of a room. */
export const END_WORDS_BYTES_MAX = 280;
/** A BCP 47 tag; the longest in use, `zh-cmn-Hans-CN` and the like, have half of it (RFC 5646, section 4.4.1). */
export const LANGUAGE_BYTES_MAX = 35;
/** Topics of a room, as a lobby shows them beside its title. */
export const TOPICS_MAX = 5;
/** UTF-8 bytes of one topic: two words. */
export const TOPIC_BYTES_MAX = 40;
/** Hands whose order one event settles: what fits an envelope with 8 bytes each; who waits behind them comes later. */
export const QUEUE_HANDS_MAX = 100;
/** Co-hosts a host can name at once: more than a stage holds, and each may fill a part of the log. */
export const COHOSTS_MAX = 16;
/** Lasting acts of one co-host kept: an act a minute for eight hours, and an eighth of the log. */
export const ACTS_PER_COHOST_MAX = 512;
/** Events a certificate covers where the host does not say: acts, and every opening and muting of an evening. */
export const COHOST_EVENTS = 4096;
/** Whom a new room is closed to from its beginning: 41 kB of events for a newcomer to take in. */
export const BLOCKED_MAX = 256;
/** What happened lately, as a screen shows it. */
export const DEEDS_MAX = 32;
/** People whose speaking time, and whose name after a seat, is remembered: every turn of a long evening. */
export const SPOKEN_MAX = 512;
/** One event with its signature: today's longest, a full `queue`, has 929 bytes. */
export const ENVELOPE_BYTES_MAX = 1024;
/** Events kept for one room, one list of ids: some 1,300 turns on stage, at most 4 MB, usually 0.6. */
export const LOG_EVENTS_MAX = LOG_IDS_MAX;
/** Lasting events (sit, stand, decline) of one invited person: some 60 turns on stage in one room. */
export const EVENTS_PER_AUTHOR_MAX = 128;
/** Hands of people never invited, raised or lowered; the oldest go first, or stale ones would shut the list. */
export const HANDS_MAX = 512;
/** How far others may be above the host's Lamport time. Each act of the host lifts it by as much at most. */
export const LAMPORT_JUMP_MAX = 2 ** 20;
/** Events that came before what they stand on (an acceptance before its invitation), kept to be tried again. */
export const EARLY_EVENTS_MAX = 256;
/** Decoders made anew for one stream after a trap: a bug may strike now and then, a hostile stream always. */
export const DECODER_REBUILDS_MAX = 10;
/** Encoders made anew after an error: more often, the device has none to give. */
export const ENCODER_REBUILDS_MAX = 3;
/** Direct connections gossip wants to other members: two may die at once, and each costs a PeerConnection. */
export const GOSSIP_NEIGHBOURS = 3;
/** With those who chose us: gossip passes messages on to 6 to 12, and some places belong to seeds. */
export const GOSSIP_NEIGHBOURS_MAX = 8;
/** Calls to such neighbours under way at once: one that hangs does not hold up the others. */
export const NEIGHBOUR_DIALS_MAX = 2;
/** A call: the seed's relay, the descriptions, ICE. What takes longer is behind a NAT that lets nobody in. */
export const NEIGHBOUR_DIAL_MS = 10_000;
/** A member is left alone so long after we heard of it: the first sound comes first, for it and for us. */
export const NEIGHBOUR_SETTLE_MS = 2_000;
/** The pause after a call that failed or a connection that ended; it doubles each time. */
export const NEIGHBOUR_RETRY_MS = 2_000;
/** Failures in a row (some 15 s) after which a member is forgotten, until somebody names it again. */
export const NEIGHBOUR_TRIES_MAX = 4;
/** Neighbours whose rates are remembered, linked or gone: who comes back finds its bucket as it left it. */
export const NEIGHBOURS_REMEMBERED_MAX = 2 * LINKS_MAX;
/** Neighbours named in the counts of one stream: parents, backups and speakers of a long evening. */
export const STREAM_SOURCES_MAX = 80;
/** Lists of ids of one neighbour: it sends one each half second at most; each is compared with the whole log. */
export const LISTS_RATE = { burst: 8, perSecond: 2 };
/** Events sent in answer to one neighbour's lists: the whole log twice over, then what a lively room makes. */
export const ANSWERS_RATE = { burst: 2 * LOG_EVENTS_MAX, perSecond: 100 };
/** Events taken from one neighbour, known ones as well: each costs a hash, a new one a signature check. */
export const EVENTS_RATE = { burst: 2 * LOG_EVENTS_MAX, perSecond: 100 };
/** Reports of who listens, of one neighbour: one a second each way, and what waited while a page was starved. */
export const PRESENCE_RATE = { burst: 16, perSecond: 2 };
/** All other messages of one neighbour: a summary each two seconds, and the paths of a night with much coming and going. */
export const TALK_RATE = { burst: 64, perSecond: 10 };
/** New frames of one stream: 50 a second, and what an outage of four seconds held back. */
export const FRAMES_RATE = { burst: 200, perSecond: 60 };
/** First and longest pause between two searches for members while gossip has too few neighbours. */
export const NEIGHBOUR_SEARCH_MIN_MS = 3_000;
export const NEIGHBOUR_SEARCH_MAX_MS = 60_000;
/** Frames of ours that wait for their signature: those of a quarter of a second, when signing takes microseconds. */
export const PROOFS_WAITING_MAX = 4;
/** Proofs of others given to the verifier and not yet back: all seats' of a second and a half. */
export const CHECKS_WAITING_MAX = 256;
/** Frames of one stream that wait for a proof, and hashes that wait for their frame: more than half a second's. */
export const UNPROVEN_FRAMES_MAX = 64;
/** Messages of one author that a seed passes on: a lively co-host's, with what waited while a page was starved. */
export const GOSSIP_AUTHOR_RATE = { burst: 64, perSecond: 10 };
/** Authors whose rate a seed remembers, 150 bytes each; who spoke last stays. */
export const GOSSIP_AUTHORS_MAX = 4_096;
/** A listing with its signature: today's longest, every text at its limit, has 654 bytes. */
export const LISTING_BYTES_MAX = 768;
/** Listings a seed keeps: some 3 MB at most, and more than anybody reads. */
export const LISTINGS_MAX = 1_000;
/** Listings of one host: a room that is open, and what a week announces. */
export const LISTINGS_PER_HOST_MAX = 8;
/** Listings that came from one address (IPv6: one /64), where it is a public one: a school, an office. */
export const LISTINGS_PER_SOURCE_MAX = 64;
/** A host says again that its room is open this often. */
export const LISTING_REFRESH_MS = 30_000;
/** An open room of which nothing was heard for so long is gone: three refreshes, and one slow one. */
export const LISTING_LIVE_MS = 100_000;
/** A withdrawn listing is remembered for so long, that whoever looks hears of it: six looks. */
export const LISTING_WITHDRAWN_MS = 90_000;
/** How far ahead a room can be announced. */
export const ANNOUNCED_AHEAD_MAX_MS = 14 * 24 * 3_600_000;
/** How long after its time an announced room that has not begun is still shown: hosts are late. */
export const ANNOUNCED_LATE_MS = 30 * 60_000;
/** An announcement is told anew this often while its host's app is open: a seed may have been restarted. */
export const ANNOUNCED_REFRESH_MS = 10 * 60_000;
/** How wrong a clock may be: a listing that says it was made earlier or later than this is not taken. */
export const CLOCK_SKEW_MAX_MS = 10 * 60_000;
/** What one host tells: each listing when it changes, and its refreshes. */
export const LISTING_RATE = { burst: 16, perSecond: 0.5 };
/** What one peer asks a lobby: a look when it opens, one each quarter of a minute, and some impatience. */
export const LOBBY_RATE = { burst: 16, perSecond: 1 };
/** Listings in one answer, 98 kB at most; whoever wants the rest asks again. */
export const LISTINGS_PER_ANSWER_MAX = 128;
/** A screen that shows the lobby asks this often. */
export const LOBBY_LOOK_MS = 15_000;
/** A seed answers the lobby from memory: what takes longer is no answer. */
export const LOBBY_ANSWER_MS = 8_000;
/** A proof of admission, or of having held a key: nobody guesses 128 bits. */
export const PROOF_OF_ACCESS_BYTES = 16;
/** By so much a sealed text may be longer than one that all can read: the number of its key, and a tag. */
export const SEALED_TEXT_EXTRA_BYTES = 20;
/** By so much a sealed frame is longer: loudness, header and tag of SFrame at their longest. */
export const SEALED_FRAME_EXTRA_BYTES = 32;
/** By so much longer is what is sealed for one person (HPKE): an X25519 key that is used once, and a tag. */
export const SEALING_EXTRA_BYTES = 48;
/** A key on its way to one person: secret, number and key, with what seals them. */
export const SEALED_KEY_BYTES_MAX = 160;
/** A name, sealed, as who stands at the door tells it. */
export const SEALED_NAME_BYTES_MAX = 112;
/** Epochs whose sound can still be opened: that of now, and those whose last frames may be on the way. */
export const EPOCHS_KEPT_MAX = 4;
/** Epochs whose texts can be read: one for each removal of a long evening. */
export const TEXT_KEYS_MAX = 1024;
/** Keys of speakers made and kept: a full stage in two epochs, and as many new seats and reloads. */
export const FRAME_KEYS_MAX = 64;
/** Frames that came before their key, kept for a moment: a third of a second of three who talk. */
export const UNOPENED_FRAMES_MAX = 50;
/** People below us, or at the door, whose wish for keys is remembered: all whom we carry or stand by for, and those behind relays. */
export const ASKERS_MAX = 512;
/** People at the door whom a host is shown; who asked first is first. */
export const DOOR_SHOWN_MAX = 64;
/** Wishes for keys of one neighbour, its own and of those behind it: a subtree that changes places, then each of its people now and then. */
export const KEYS_RATE = { burst: 256, perSecond: 20 };
/** A letter with its signature; every text at its limit it has 926 bytes. Sealed, all have this size. */
export const LETTER_BYTES_MAX = 1_024;
/** UTF-8 bytes of what a letter says in its writer's own words. */
export const NOTE_BYTES_MAX = 280;
/** The end of a room's link: a key of 34 letters, and behind it the secret of a locked room. */
export const ACCESS_TEXT_BYTES_MAX = 200;
/** UTF-16 units of pasted text in which a card is looked for: the longest card has 190 letters. */
export const CARD_TEXT_MAX = 2_048;
/** People one can follow: more than anybody knows, 0.2 MB. */
export const FOLLOWS_MAX = 1_000;
/** Letters that wait to be delivered; the oldest go first. */
export const OUTBOX_MAX = 64;
/** Letters kept from people who are followed; the oldest go first. */
export const INBOX_MAX = 64;
/** Letters kept from strangers, one of each; the oldest go first. */
export const STRANGERS_MAX = 32;
/** People of all recordings together who are told that they are kept, or were: a hundred evenings; the oldest go first. */
export const KEEPS_TOLD_MAX = 512;
/** What we were told of recordings in which we speak; the oldest go first. */
export const KEEPS_HEARD_MAX = 32;
/** Letters remembered as having come, so that one that comes again is not told again. */
export const LETTERS_SEEN_MAX = 256;
/** Letters taken from one person: an invitation, another one, and what they wrote while we were away. */
export const LETTERS_FROM_ONE_RATE = { burst: 4, perSecond: 0.05 };
/** Letters taken from all together; each costs a few milliseconds to open. */
export const LETTERS_RATE = { burst: 32, perSecond: 1 };
/** People whose rate is remembered; who wrote last stays. */
export const LETTER_WRITERS_MAX = 256;
/** First and longest pause between two tries to deliver letters. */
export const DELIVER_MIN_MS = 15_000;
export const DELIVER_MAX_MS = 10 * 60_000;
/** One try: a search in the directory, a relay, the letter, and the answer. */
export const DELIVER_MS = 10_000;
/** An invitation to a room that is open is good for so long; it is delivered no later. */
export const LETTER_LIFE_MS = 12 * 3_600_000;

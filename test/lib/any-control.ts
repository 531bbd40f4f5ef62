/** Control messages as any peer may send them: well formed, and in nothing else as they should be. */
import fc from 'fast-check';
import { CAPTIONS_PER_MESSAGE_MAX } from '#lib/p2p/wire/caption-limits.ts';
import { CHAT_PER_MESSAGE_MAX } from '#lib/p2p/wire/chat-limits.ts';
import { SPOT_MAX_MS } from '#lib/p2p/wire/contact.ts';
import type { ControlMessage, RefusalReason } from '#lib/p2p/wire/control.ts';
import { FILL_RANGES_MAX } from '#lib/p2p/wire/filling.ts';
import {
	peerIdOf,
	toHex,
	type EventId,
	type IntroductionId,
	type StreamId
} from '#lib/p2p/wire/ids.ts';
import {
	CANDIDATES_MAX,
	CONTACT_ADDRS_MAX,
	EVENTS_PER_MESSAGE_MAX,
	PATH_MAX,
	PRESENCE_SAMPLE_MAX,
	PROOF_OF_ACCESS_BYTES,
	REACTION_CODES_MAX,
	REACTIONS_PER_MESSAGE_MAX,
	SEATS_MAX
} from '#lib/p2p/wire/limits.ts';
import { person } from '../unit/room-people.ts';

const hex = (bytes: number) =>
	fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => toHex(value));
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
/** Mostly of the people in `room-people.ts`: of strangers nobody thinks anything. */
const peers = fc.oneof(
	keys.map((key) => peerIdOf(key)),
	fc.nat(12).map((number) => person(number).peer)
);
const addrs = fc.array(fc.string({ maxLength: 60 }), { maxLength: CONTACT_ADDRS_MAX });
const eighths = (min: number, max: number) =>
	fc.integer({ min: 8 * min, max: 8 * max }).map((steps) => steps / 8);
const spots = fc.record({
	x: eighths(-SPOT_MAX_MS, SPOT_MAX_MS),
	y: eighths(-SPOT_MAX_MS, SPOT_MAX_MS),
	height: eighths(0, SPOT_MAX_MS),
	error: fc.nat(255).map((steps) => steps / 255)
});
const offers = fc.record({
	spot: spots,
	delayMs: fc.nat(0xffff),
	ageS: fc.nat(255),
	branch: fc.nat(255)
});
const contactOf = fc.record(
	{ peer: peers, addrs, offer: offers },
	{ requiredKeys: ['peer', 'addrs'] }
);
const contacts = (maxLength: number) => fc.array(contactOf, { maxLength });
export const candidates = contacts(CANDIDATES_MAX);
const blobs = (maxLength: number) => fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength });
export const reasons = fc.constantFrom<RefusalReason>(
	'full',
	'other-room',
	'loop',
	'not-attached',
	'not-on-stage',
	'removed'
);

const presence = {
	count: u32,
	kept: fc.array(fc.boolean(), { maxLength: PRESENCE_SAMPLE_MAX }),
	here: blobs(PRESENCE_SAMPLE_MAX)
};

type Kind = ControlMessage['type'];
const bare = <K extends Kind>(type: K) => fc.record({ type: fc.constant(type) });
const detached = <K extends 'detach' | 'stand-down'>(type: K) =>
	fc.record({
		type: fc.constant(type),
		reason: fc.oneof(reasons, fc.constant('moved' as const)),
		candidates
	});
const offered = <K extends 'bye' | 'offers'>(type: K) =>
	fc.record({ type: fc.constant(type), candidates });
const exactly = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes });
const proofs = exactly(PROOF_OF_ACCESS_BYTES);
const streams = hex(8).map((id) => id as StreamId);

/** One of each kind: what is new has to be here as well, or strangers would not be tried with it. */
export const controlOf: Readonly<Record<Kind, fc.Arbitrary<ControlMessage>>> = {
	hello: fc.record({
		type: fc.constant('hello' as const),
		addrs,
		here: fc.uint8Array({ maxLength: 40 })
	}),
	attach: bare('attach'),
	attached: bare('attached'),
	raise: bare('raise'),
	graft: bare('graft'),
	'stand-by': bare('stand-by'),
	'standing-by': bare('standing-by'),
	detach: detached('detach'),
	'stand-down': detached('stand-down'),
	path: fc.record(
		{
			type: fc.constant('path' as const),
			path: fc.array(peers, { maxLength: PATH_MAX }),
			delayMs: fc.nat(0xffff),
			roots: contacts(SEATS_MAX)
		},
		{ requiredKeys: ['type', 'path', 'delayMs'] }
	),
	delay: fc.record({ type: fc.constant('delay' as const), delayMs: fc.nat(0xffff) }),
	climb: fc.record({ type: fc.constant('climb' as const), to: contactOf }),
	places: fc.record({
		type: fc.constant('places' as const),
		fanout: fc.nat(255),
		free: fc.nat(255),
		floors: fc.nat(255),
		most: fc.nat(255),
		spot: spots
	}),
	'log-summary': fc.record({
		type: fc.constant('log-summary' as const),
		summary: fc.record({ count: u32, xor: hex(8) })
	}),
	'log-ids': fc.record({
		type: fc.constant('log-ids' as const),
		ids: fc.array(
			hex(16).map((id) => id as EventId),
			{ maxLength: 50 }
		)
	}),
	events: fc.record({
		type: fc.constant('events' as const),
		envelopes: blobs(EVENTS_PER_MESSAGE_MAX)
	}),
	'presence-up': fc.record({ type: fc.constant('presence-up' as const), ...presence }),
	'presence-down': fc.record({
		type: fc.constant('presence-down' as const),
		hostAway: fc.boolean(),
		...presence
	}),
	bye: offered('bye'),
	offers: offered('offers'),
	reactions: fc.record({
		type: fc.constant('reactions' as const),
		counts: fc.uniqueArray(
			fc.record({
				code: fc.nat(REACTION_CODES_MAX - 1),
				count: fc.integer({ min: 1, max: 0xffff })
			}),
			{ selector: ({ code }) => code, maxLength: REACTION_CODES_MAX }
		),
		signed: blobs(REACTIONS_PER_MESSAGE_MAX)
	}),
	captions: fc.record({
		type: fc.constant('captions' as const),
		signed: blobs(CAPTIONS_PER_MESSAGE_MAX)
	}),
	chat: fc.record({
		type: fc.constant('chat' as const),
		pieces: fc.array(fc.record({ agoMs: u32, signed: fc.uint8Array({ maxLength: 40 }) }), {
			maxLength: CHAT_PER_MESSAGE_MAX
		})
	}),
	'fill-ask': fc.record({
		type: fc.constant('fill-ask' as const),
		stream: streams,
		ranges: fc.array(fc.record({ from: u32, ticks: fc.integer({ min: 1, max: 0xffff }) }), {
			maxLength: FILL_RANGES_MAX
		})
	}),
	'fill-give': fc.record({
		type: fc.constant('fill-give' as const),
		stream: streams,
		frames: blobs(50)
	}),
	routed: fc.record({
		type: fc.constant('routed' as const),
		route: fc.uniqueArray(peers, { minLength: 2, maxLength: 6 }),
		at: fc.constant(1),
		introduction: hex(16).map((id) => id as IntroductionId),
		body: fc.uint8Array({ maxLength: 60 })
	}),
	admission: fc.record({ type: fc.constant('admission' as const), proof: proofs }),
	'key-ask': fc.record({
		type: fc.constant('key-ask' as const),
		who: peers,
		have: u32,
		name: fc.uint8Array({ maxLength: 60 }),
		proof: proofs,
		held: proofs
	}),
	'key-give': fc.record({
		type: fc.constant('key-give' as const),
		to: peers,
		sealed: fc.uint8Array({ maxLength: 80 })
	})
};
export const anyControl: fc.Arbitrary<ControlMessage> = fc.oneof(...Object.values(controlOf));

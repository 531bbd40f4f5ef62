/** One body of each kind of event there is. */
import type { BodyOf, EventKind } from '#lib/p2p/wire/event.ts';
import type { EventId, IdHead, StreamId } from '#lib/p2p/wire/ids.ts';
import { sealedText } from '#lib/p2p/wire/text.ts';
import { openBody, person } from '../unit/room-people.ts';

const id = 'ab'.repeat(16) as EventId;
const head = 'cd'.repeat(8) as IdHead;
const stream = '0011223344556677' as StreamId;
const who = person(1).peer;

export const bodyOf: Readonly<{ [K in EventKind]: BodyOf<K> }> = {
	open: openBody,
	ask: { kind: 'ask', name: 'Ann' },
	unask: { kind: 'unask' },
	invite: { kind: 'invite', to: who },
	decline: { kind: 'decline', invite: id },
	sit: { kind: 'sit', invite: id, name: sealedText(new Uint8Array(24).fill(7)) },
	stand: { kind: 'stand', sit: id },
	mic: { kind: 'mic', sit: id, open: true },
	unseat: { kind: 'unseat', sit: id },
	consent: { kind: 'consent', answer: 'captions' },
	'name-cohost': { kind: 'name-cohost', to: who, scope: 3, through: 4_096, untilMs: 0 },
	'unname-cohost': { kind: 'unname-cohost', who, seen: 5 },
	speakers: { kind: 'speakers', who: 'followed' },
	lower: { kind: 'lower', who },
	clear: { kind: 'clear' },
	queue: { kind: 'queue', hands: [head, head] },
	mute: { kind: 'mute', sit: id },
	'mute-all': { kind: 'mute-all' },
	floor: { kind: 'floor', held: true },
	remove: { kind: 'remove', who, block: false },
	readmit: { kind: 'readmit', who },
	pin: { kind: 'pin', text: 'Figs', link: 'https://grapevine.example/a' },
	unpin: { kind: 'unpin', pin: id },
	settings: {
		kind: 'settings',
		title: sealedText(new Uint8Array(40).fill(9)),
		listed: true,
		language: 'fr',
		topics: ['figs', 'soil']
	},
	lock: {
		kind: 'lock',
		epoch: 2,
		check: 'ef'.repeat(16),
		out: '01'.repeat(8),
		before: 1,
		texts: new Uint8Array(64).fill(2)
	},
	door: { kind: 'door', closed: true },
	captions: { kind: 'captions', on: true },
	chat: { kind: 'chat', on: false },
	recording: { kind: 'recording', state: 'paused', kept: true },
	end: { kind: 'end', words: 'Good night' },
	here: { kind: 'here', name: 'Ann' },
	react: { kind: 'react', code: 3 },
	caption: {
		kind: 'caption',
		stream,
		start: 100,
		ticks: 50,
		final: true,
		language: 'en',
		text: 'Good evening'
	},
	say: { kind: 'say', name: 'Ann', text: sealedText(new Uint8Array(60).fill(3)) },
	unsay: { kind: 'unsay', said: id }
};
